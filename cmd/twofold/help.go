package main

import (
	"slices"

	"github.com/urfave/cli/v2"
)

// helpCommand is --help for those who type it first.
func helpCommand() *cli.Command {
	return leaf(&cli.Command{
		Name: "help", Usage: "describe a command", ArgsUsage: "[COMMAND] [COMMAND]",
		Description: "Example: twofold help user reset",
	}, func(c *cli.Context) error {
		args := slices.Concat([]string{c.App.Name}, c.Args().Slice(), []string{"--help"})
		return newApp(c.App.Reader, c.App.Writer, c.App.ErrWriter).RunContext(c.Context, args)
	})
}
