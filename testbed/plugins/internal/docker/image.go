package docker

import (
	"context"
	"fmt"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"
)

// dockerImage is an image, as the inputs have it; its ID is what Docker says.
type dockerImage struct {
	Name        string `json:"name" docker:"required,replaces"`
	KeepLocally bool   `json:"keepLocally"`
	Platform    string `json:"platform" docker:"fixed" default:""`
	ImageID     string `json:"imageId" docker:"reported"`
}

// imageMeta has the time limits that Pulumi's own plugin notes for an image: 20 minutes.
const imageMeta = `{"e2bfb730-ecaa-11e6-8f88-34363bc7c4c0":{"create":1200000000000,"delete":1200000000000,"update":1200000000000}}`

var imageType = newType[dockerImage](imageMeta, false)

func (in dockerImage) create(ctx context.Context, docker *client.Client) (string, error) {
	found, err := pulled(ctx, docker, in.Name)
	if err != nil {
		return "", err
	}
	return found + in.Name, nil
}

func (in dockerImage) read(ctx context.Context, docker *client.Client, _ string) (map[string]any, error) {
	found, err := docker.ImageInspect(ctx, in.Name)
	if errdefs.IsNotFound(err) {
		return nil, nil
	}
	return map[string]any{"imageId": found.ID}, err
}

func (in dockerImage) update(ctx context.Context, docker *client.Client, _ string) error {
	_, err := pulled(ctx, docker, in.Name)
	return err
}

func (in dockerImage) remove(ctx context.Context, docker *client.Client, _ string) error {
	if in.KeepLocally {
		return nil
	}
	if _, err := docker.ImageRemove(ctx, in.Name, client.ImageRemoveOptions{}); err != nil && !errdefs.IsNotFound(err) {
		return fmt.Errorf("image %s is not removed: %w", in.Name, err)
	}
	return nil
}

// pulled returns the ID of an image, which is pulled if the engine does not have it.
func pulled(ctx context.Context, docker *client.Client, name string) (string, error) {
	found, err := docker.ImageInspect(ctx, name)
	if errdefs.IsNotFound(err) {
		if err = pull(ctx, docker, name); err == nil {
			found, err = docker.ImageInspect(ctx, name)
		}
	}
	if err != nil {
		return "", fmt.Errorf("image %s is not to be had: %w", name, err)
	}
	return found.ID, nil
}

func pull(ctx context.Context, docker *client.Client, name string) error {
	progress, err := docker.ImagePull(ctx, name, client.ImagePullOptions{})
	if err != nil {
		return err
	}
	defer progress.Close()
	return progress.Wait(ctx)
}
