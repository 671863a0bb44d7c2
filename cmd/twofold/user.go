package main

import (
	"context"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"twofold/core"
	"twofold/httpapi"
	"twofold/internal/qr"
)

func userCommand() *cli.Command {
	return group(&cli.Command{
		Name:  "user",
		Usage: "see and change what is known of people",
		Description: "USER is any spelling that leads to the person: login, DOMAIN\\login, name@suffix.\n" +
			"What is done is written to the audit log.",
		Subcommands: []*cli.Command{
			userListCommand(), userShowCommand(), userEnrolCommand(), userResetCommand(), userUnlockCommand(),
			userBlockCommand(), userUnblockCommand(), userTempCodeCommand(),
		},
	})
}

func userEnrolCommand() *cli.Command {
	return leaf(&cli.Command{
		Name:      "enrol",
		Usage:     "make a token and show its QR code",
		ArgsUsage: "USER",
		Description: "The key is shown this once: let the person scan it, or hand the text over on a way that is\n" +
			"as safe as the code should be. The token is active at once.\n\n" +
			"Example: twofold user enrol --label phone alice",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "label", Usage: "call the token `TEXT` in lists"},
			flag("add", "keep the tokens the person has"),
			jsonFlag(),
		},
	}, func(c *cli.Context) error {
		return ask(c, func(ctx context.Context, server *httpapi.Client) error {
			made, err := server.Enrol(ctx, c.Args().First(), core.EnrolRequest{Label: c.String("label"), Add: c.Bool("add")})
			if err != nil {
				return err
			}
			return printEnrolment(c, made)
		})
	})
}

func printEnrolment(c *cli.Context, made core.Enrolment) error {
	if c.Bool("json") {
		return printJSON(c.App.Writer, made)
	}
	code, err := qr.Encode(made.URI)
	if err != nil {
		return fmt.Errorf("drawing the QR code: %w", err)
	}
	if err := code.Print(c.App.Writer); err != nil {
		return fmt.Errorf("printing the QR code: %w", err)
	}
	return printf(c.App.Writer, "\n%s\n\nkey    %s\ntoken  %s, active\n", made.URI, made.Key, made.Token)
}

func userResetCommand() *cli.Command {
	return leaf(&cli.Command{
		Name:      "reset",
		Usage:     "remove a person's tokens, so that they enrol again",
		ArgsUsage: "USER",
		Description: "For a lost or new phone. The person is then refused until they enrol; they never count as\n" +
			"somebody who never enrolled. An invitation proves them where the password alone is not enough.\n" +
			"It asks first on a terminal only: a script is taken to mean what it says.\n\n" +
			"Example: twofold user reset --invite alice",
		Flags: []cli.Flag{
			flag("invite", "give out an invitation to enrol"),
			flag("force", "do not ask on a terminal before tokens are removed"),
			jsonFlag(),
		},
	}, func(c *cli.Context) error {
		if err := confirm(c, fmt.Sprintf("Remove all tokens of %s?", c.Args().First())); err != nil {
			return err
		}
		return ask(c, func(ctx context.Context, server *httpapi.Client) error {
			gone, err := server.Reset(ctx, c.Args().First(), core.ResetRequest{Invite: c.Bool("invite")})
			if err != nil {
				return err
			}
			return printReset(c, gone)
		})
	})
}

func printReset(c *cli.Context, gone core.ResetResult) error {
	if c.Bool("json") {
		return printJSON(c.App.Writer, gone)
	}
	if err := printf(c.App.Writer, "%s of %s removed\n", plural(gone.Tokens, "token"), c.Args().First()); err != nil {
		return err
	}
	if gone.Invitation == "" {
		return nil
	}
	return printf(c.App.Writer, "invitation  %s  (until %s)\n", gone.Invitation, clock(gone.Until))
}

func userTempCodeCommand() *cli.Command {
	return leaf(&cli.Command{
		Name:      "temp-code",
		Usage:     "give out a code that stands in for the token's",
		ArgsUsage: "USER",
		Description: "For somebody whose phone is at home. An earlier temporary code ends.\n\n" +
			"Example: twofold user temp-code --for 8h --uses 3 alice",
		Flags: []cli.Flag{
			&cli.DurationFlag{Name: "for", Usage: "let it last for `TIME`, at most 24h", Value: time.Hour},
			&cli.IntFlag{Name: "uses", Usage: "let it be used `N` times, at most 20", Value: 1},
			jsonFlag(),
		},
	}, func(c *cli.Context) error {
		if c.Duration("for") <= 0 || c.Int("uses") <= 0 {
			return usagef("--for and --uses must be more than nothing")
		}
		return ask(c, func(ctx context.Context, server *httpapi.Client) error {
			given, err := server.TempCode(ctx, c.Args().First(), core.TempCodeRequest{For: c.Duration("for"), Uses: c.Int("uses")})
			if err != nil {
				return err
			}
			if c.Bool("json") {
				return printJSON(c.App.Writer, given)
			}
			return printf(c.App.Writer, "%s  (until %s, %s)\n", given.Code, clock(given.Until), plural(given.Uses, "use"))
		})
	})
}
