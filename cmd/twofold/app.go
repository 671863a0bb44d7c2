package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"twofold/conf"
	"twofold/httpapi"
)

const defaultConfig = "/etc/twofold/twofold.yaml"

// newApp is the command line, from which the manual page is made too.
func newApp(stdin io.Reader, stdout, stderr io.Writer) *cli.App {
	return &cli.App{
		Name:  "twofold",
		Usage: "a second factor for networks with Active Directory or LDAP",
		Description: "Twofold answers RADIUS clients: it checks a password by one bind to the directory,\n" +
			"and a one-time code against its own store. Begin with `twofold demo`.",
		Version:         version().String(),
		Reader:          stdin,
		Writer:          stdout,
		ErrWriter:       stderr,
		HideHelpCommand: true,
		ExitErrHandler:  func(*cli.Context, error) {}, // run decides
		OnUsageError:    onUsageError,
		Flags:           []cli.Flag{configFlag(), cli.HelpFlag}, // which the library leaves out where help is a command
		Commands:        commands(),
		Action:          nothingChosen,
	}
}

func commands() []*cli.Command {
	return []*cli.Command{
		serveCommand(), demoCommand(), checkCommand(), doctorCommand(), loginCommand(), explainCommand(),
		userCommand(), tokenCommand(), apikeyCommand(), eventsCommand(), helpCommand(), manualCommand(),
	}
}

func configFlag() cli.Flag {
	return &cli.StringFlag{
		Name: "config", Aliases: []string{"c"}, TakesFile: true,
		Usage: "read the configuration from `FILE` (also: TWOFOLD_CONFIG)", DefaultText: defaultConfig,
	}
}

func jsonFlag() cli.Flag { return flag("json", "print JSON") }

// flag is one without a value: off unless given.
func flag(name, usage string, aliases ...string) cli.Flag {
	return &cli.BoolFlag{Name: name, Usage: usage, Aliases: aliases, DisableDefaultText: true}
}

// group is a command that has commands.
func group(c *cli.Command) *cli.Command {
	c.HideHelpCommand = true
	c.OnUsageError = onUsageError
	c.Action = nothingChosen
	return c
}

// leaf is a command that does something. Its ArgsUsage names its arguments;
// those in brackets may be left out.
func leaf(c *cli.Command, do func(*cli.Context) error) *cli.Command {
	c.Flags = append(c.Flags, configFlag())
	return bare(c, do)
}

// bare is a leaf that has no configuration.
func bare(c *cli.Command, do func(*cli.Context) error) *cli.Command {
	c.HideHelpCommand = true
	c.OnUsageError = onUsageError
	c.Action = func(cc *cli.Context) error {
		if err := checkArgs(cc); err != nil {
			return err
		}
		return do(cc)
	}
	return c
}

func onUsageError(c *cli.Context, err error, _ bool) error {
	return usagef("%v\nsee: %s --help", err, commandName(c))
}

// nothingChosen is what a group does when it is called itself.
func nothingChosen(c *cli.Context) error {
	if wrong := c.Args().First(); wrong != "" {
		return usagef("%s has no command %.64q\nsee: %[1]s --help", commandName(c), wrong)
	}
	c.App.Writer = c.App.ErrWriter
	if err := cli.ShowSubcommandHelp(c); err != nil {
		return fmt.Errorf("showing help: %w", err)
	}
	return usagef("name a command")
}

// commandName is what the caller typed to come here: "twofold user show".
func commandName(c *cli.Context) string {
	name := c.Command.HelpName
	if name == "" {
		name = c.App.HelpName
	}
	return strings.TrimSpace(name)
}

// configPath finds --config wherever it was given.
func configPath(c *cli.Context) string {
	for _, at := range c.Lineage() {
		if at.Command == nil {
			continue
		}
		if path := at.String("config"); path != "" {
			return path
		}
	}
	if path := os.Getenv("TWOFOLD_CONFIG"); path != "" {
		return path
	}
	return defaultConfig
}

// load reads the configuration, as every command does.
func load(c *cli.Context) (*conf.Config, conf.Warnings, error) {
	return conf.Load(configPath(c))
}

// ask is for commands that speak to the running server. That its file has
// faults since must not keep anybody from it.
func ask(c *cli.Context, do func(context.Context, *httpapi.Client) error) error {
	socket, faults, err := conf.Socket(configPath(c))
	if err != nil {
		return err
	}
	if n := len(faults); n > 0 {
		if err := printf(c.App.ErrWriter, "warning: the configuration has %s (see `twofold check`); a running server keeps the one before\n", plural(n, "fault")); err != nil {
			return err
		}
	}
	client := httpapi.Dial(socket)
	defer client.Close()
	return do(c.Context, client)
}
