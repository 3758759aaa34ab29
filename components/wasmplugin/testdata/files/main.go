// Command files is what a filter cannot be: it reads a file.
package main

import "os"

func main() {}

func init() {
	if target, err := os.Readlink("/etc/localtime"); err == nil {
		println(target)
	}
}
