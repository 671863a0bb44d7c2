package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"twofold/core"
	"twofold/httpapi"
)

func apikeyCommand() *cli.Command {
	return group(&cli.Command{
		Name:        "apikey",
		Usage:       "make and revoke keys of the HTTP API",
		Subcommands: []*cli.Command{apikeyCreateCommand(), apikeyListCommand(), apikeyRevokeCommand()},
	})
}

func apikeyCreateCommand() *cli.Command {
	return leaf(&cli.Command{
		Name:  "create",
		Usage: "make a key and show it, this once",
		Description: "Roles: admin does everything; helpdesk resets, unlocks, blocks and gives temporary codes, but\n" +
			"never sees a seed; auditor reads; application only asks for logins to be judged.\n\n" +
			"Example: twofold apikey create --role application --note \"web shop\"",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "role", Usage: "let its holder be `ROLE`: admin, helpdesk, auditor or application"},
			&cli.StringFlag{Name: "note", Usage: "keep `TEXT`, to know the key again"},
			jsonFlag(),
		},
	}, func(c *cli.Context) error {
		role, err := core.ParseRole(c.String("role"))
		if err != nil {
			return usagef("--role is one of admin, helpdesk, auditor, application")
		}
		return ask(c, func(ctx context.Context, server *httpapi.Client) error {
			made, err := server.CreateKey(ctx, role, c.String("note"))
			if err != nil {
				return err
			}
			if c.Bool("json") {
				return printJSON(c.App.Writer, made)
			}
			return printf(c.App.Writer, "%s\n\nid %s, role %s. The key is not shown again.\n", made.Secret, made.Key.ID, made.Key.Role)
		})
	})
}

func apikeyListCommand() *cli.Command {
	return leaf(&cli.Command{
		Name:        "list",
		Usage:       "list the keys, without their secrets",
		Description: "Example: twofold apikey list --json",
		Flags:       []cli.Flag{jsonFlag()},
	}, func(c *cli.Context) error {
		return ask(c, func(ctx context.Context, server *httpapi.Client) error {
			keys, err := server.Keys(ctx)
			if err != nil {
				return err
			}
			if c.Bool("json") {
				return printJSON(c.App.Writer, append([]core.APIKey{}, keys...))
			}
			rows := [][]string{{"ID", "ROLE", "NOTE", "CREATED", "BY", "LAST USED"}}
			for _, k := range keys {
				rows = append(rows, []string{k.ID, k.Role.String(), k.Note, clock(k.Created), k.CreatedBy, clock(k.LastUsed)})
			}
			return printTable(c.App.Writer, rows)
		})
	})
}

func apikeyRevokeCommand() *cli.Command {
	return leaf(&cli.Command{
		Name:        "revoke",
		Usage:       "end a key at once",
		ArgsUsage:   "ID",
		Description: "ID is the one that list shows.\n\nExample: twofold apikey revoke 7k2m9q",
	}, func(c *cli.Context) error {
		return ask(c, func(ctx context.Context, server *httpapi.Client) error {
			if err := server.RevokeKey(ctx, c.Args().First()); err != nil {
				return err
			}
			return printf(c.App.Writer, "key %s revoked\n", c.Args().First())
		})
	})
}
