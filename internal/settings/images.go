package settings

// ImageSettings maps each image of the release to the setting that changes it, such as lab.images.pilot.
func (s Settings) ImageSettings() map[string]string {
	all := map[string]string{}
	for name, image := range s.Release.Images {
		all[image] = KeyLab + ".images." + name
	}
	return all
}
