package main

import (
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"twofold/conf"
)

func checkCommand() *cli.Command {
	return leaf(&cli.Command{
		Name:  "check",
		Usage: "validate the configuration",
		Description: "Names all faults at once, each with its place and a hint; warnings do not fail it. Nothing is\n" +
			"opened and nobody is asked: see doctor for that.\n\nExample: twofold check --config new.yaml",
	}, func(c *cli.Context) error {
		cfg, warnings, err := load(c)
		for _, w := range warnings {
			if err := printf(c.App.ErrWriter, "warning: %s\n", w); err != nil {
				return err
			}
		}
		if err == nil {
			err = tryBuild(cfg)
		}
		var faults conf.Faults
		if errors.As(err, &faults) {
			return errors.Join(errSaid, printFaults(c, faults))
		}
		if err != nil {
			return err
		}
		return printf(c.App.Writer, "%s: no faults, %s, %s, %s\n", configPath(c), plural(len(warnings), "warning"),
			plural(len(cfg.Clients), "client"), directories(len(cfg.Directories)))
	})
}

func directories(n int) string {
	if n == 1 {
		return "1 directory"
	}
	return fmt.Sprintf("%d directories", n)
}

// tryBuild finds what only shows when the parts are made.
func tryBuild(cfg *conf.Config) error {
	if _, err := newSnapshot(cfg); err != nil {
		return err
	}
	_, err := buildDirectories(cfg, nil)
	return err
}

func printFaults(c *cli.Context, faults conf.Faults) error {
	for _, f := range faults {
		if err := printf(c.App.ErrWriter, "%s\n", f); err != nil {
			return err
		}
	}
	return printf(c.App.ErrWriter, "%s\n", plural(len(faults), "fault"))
}
