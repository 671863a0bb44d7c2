package main

import (
	"context"
	"net/netip"
	"strings"

	"github.com/urfave/cli/v2"

	"twofold/core"
	"twofold/httpapi"
)

func explainCommand() *cli.Command {
	return leaf(&cli.Command{
		Name:      "explain",
		Usage:     "say what would be asked of a person, and why",
		ArgsUsage: "USER",
		Description: "Names the directory's entry, the rules that were looked at, tokens and throttle. Nothing is\n" +
			"tried and nothing is counted. Without --client the rules are those of the only client, or of\n" +
			"the HTTP API where there are several.\n\nExample: twofold explain --client vpn --from 203.0.113.7 alice",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "client", Usage: "as somebody who comes over the client `NAME`"},
			&cli.StringFlag{Name: "from", Usage: "whose own address is `ADDR`"},
			&cli.StringFlag{Name: "nas", Usage: "and whose packets come from `ADDR`"},
			jsonFlag(),
		},
	}, func(c *cli.Context) error {
		from, err := address(c, "from")
		if err != nil {
			return err
		}
		nas, err := address(c, "nas")
		if err != nil {
			return err
		}
		return ask(c, func(ctx context.Context, server *httpapi.Client) error {
			told, err := server.Explain(ctx, c.Args().First(), c.String("client"), from, nas)
			if err != nil {
				return err
			}
			if c.Bool("json") {
				return printJSON(c.App.Writer, told)
			}
			return printExplanation(c, told)
		})
	})
}

// address reads a flag that may be left out.
func address(c *cli.Context, flag string) (netip.Addr, error) {
	if !c.IsSet(flag) {
		return netip.Addr{}, nil
	}
	a, err := netip.ParseAddr(c.String(flag))
	if err != nil {
		return a, usagef("--%s: %q is not an address", flag, c.String(flag))
	}
	return a, nil
}

func printExplanation(c *cli.Context, told core.Explanation) error {
	e := told.Entry
	groups := strings.Join(e.Groups, ", ")
	if groups == "" {
		groups = "none (they are read only if a rule names one)"
	}
	rows := [][]string{
		{"entry", e.DN}, {"directory", e.Directory + ", read " + clock(e.ReadAt)}, {"login", e.Login},
		{"upn", e.UPN}, {"mail", e.Mail}, {"groups", groups}, {"account", e.State}, {"lockout", e.Lockout},
		{"standing", standing(told.User)},
	}
	for _, t := range told.User.Tokens {
		rows = append(rows, []string{"token", tokenText(t)})
	}
	for _, step := range told.Policy {
		rows = append(rows, []string{"policy", step})
	}
	rows = append(rows, []string{"outcome", told.Outcome})
	return printTable(c.App.Writer, filled(rows))
}

// filled leaves out rows without a value.
func filled(rows [][]string) (kept [][]string) {
	for _, row := range rows {
		if row[len(row)-1] != "" {
			kept = append(kept, row)
		}
	}
	return kept
}
