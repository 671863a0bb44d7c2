// Command gen writes the sample configuration and twofold.yaml(5) from the
// structs of package conf: their tags give names, defaults and bounds, their
// fields' comments the text. It runs in the folder of conf, by go generate.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run(".", filepath.Join("..", "doc")); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// run reads the sources in the folder conf and writes the pages to doc.
func run(conf, doc string) error {
	pages, err := render(conf)
	if err != nil {
		return err
	}
	for name, text := range pages {
		if err := os.WriteFile(filepath.Join(doc, name), []byte(text), 0o644); err != nil {
			return fmt.Errorf("writing page: %w", err)
		}
	}
	return nil
}

// render makes every page, by file name.
func render(conf string) (map[string]string, error) {
	root, err := describe(conf)
	if err != nil {
		return nil, err
	}
	return map[string]string{
		"twofold.yaml.sample": sample(root),
		"twofold.yaml.5":      manual(root),
	}, nil
}
