package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"twofold/core"
	"twofold/httpapi"
)

func userListCommand() *cli.Command {
	return leaf(&cli.Command{
		Name:      "list",
		Usage:     "list the people the store knows",
		ArgsUsage: "[TEXT]",
		Description: "With TEXT only those whose login, name or domain contains it. People whom only the directory\n" +
			"knows are not listed.\n\nExample: twofold user list example",
		Flags: []cli.Flag{jsonFlag()},
	}, func(c *cli.Context) error {
		return ask(c, func(ctx context.Context, server *httpapi.Client) error {
			all, err := allUsers(ctx, server, c.Args().First())
			if err != nil {
				return err
			}
			if c.Bool("json") {
				return printJSON(c.App.Writer, all)
			}
			rows := [][]string{{"USER", "NAME", "STANDING", "TOKENS", "LAST LOGIN"}}
			for _, u := range all {
				rows = append(rows, []string{u.Display(), u.Name, standing(u), fmt.Sprint(len(u.Tokens)), clock(u.LastAccept)})
			}
			return printTable(c.App.Writer, rows)
		})
	})
}

func allUsers(ctx context.Context, server *httpapi.Client, text string) ([]core.UserView, error) {
	all := []core.UserView{}
	for q := (core.UserQuery{Text: text, Limit: 500}); ; {
		page, err := server.Users(ctx, q)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Users...)
		if page.Next == "" {
			return all, nil
		}
		q.Cursor = page.Next
	}
}

func standing(u core.UserView) string {
	switch {
	case u.Damaged:
		return "record damaged"
	case u.Blocked != nil:
		return u.Standing + ", blocked"
	}
	return u.Standing
}

func userShowCommand() *cli.Command {
	return leaf(&cli.Command{
		Name:        "show",
		Usage:       "show one person: tokens, throttle, block",
		ArgsUsage:   "USER",
		Description: "Example: twofold user show alice@example.com",
		Flags:       []cli.Flag{jsonFlag()},
	}, onUser(func(server *httpapi.Client, ctx context.Context, name string) (core.UserView, error) {
		return server.User(ctx, name)
	}))
}

func userUnlockCommand() *cli.Command {
	return leaf(&cli.Command{
		Name:      "unlock",
		Usage:     "forget a person's wrong codes and passwords",
		ArgsUsage: "USER",
		Description: "Ends the lock that follows wrong codes after a right password, and enables tokens that were\n" +
			"disabled by it. A lock in the directory itself is not touched.\n\nExample: twofold user unlock alice",
		Flags: []cli.Flag{jsonFlag()},
	}, onUser((*httpapi.Client).Unlock))
}

func userBlockCommand() *cli.Command {
	return leaf(&cli.Command{
		Name:        "block",
		Usage:       "refuse a person, whatever they bring",
		ArgsUsage:   "USER",
		Description: "Until unblocked.\n\nExample: twofold user block --why \"laptop stolen\" alice",
		Flags:       []cli.Flag{&cli.StringFlag{Name: "why", Usage: "keep `TEXT` as the reason"}, jsonFlag()},
	}, func(c *cli.Context) error {
		return onUser(func(server *httpapi.Client, ctx context.Context, name string) (core.UserView, error) {
			return server.Block(ctx, name, c.String("why"))
		})(c)
	})
}

func userUnblockCommand() *cli.Command {
	return leaf(&cli.Command{
		Name:        "unblock",
		Usage:       "end a block",
		ArgsUsage:   "USER",
		Description: "Example: twofold user unblock alice",
		Flags:       []cli.Flag{jsonFlag()},
	}, onUser((*httpapi.Client).Unblock))
}

// onUser runs an act that shows the person as they are afterwards.
func onUser(act func(*httpapi.Client, context.Context, string) (core.UserView, error)) func(*cli.Context) error {
	return func(c *cli.Context) error {
		return ask(c, func(ctx context.Context, server *httpapi.Client) error {
			u, err := act(server, ctx, c.Args().First())
			if err != nil {
				return err
			}
			if c.Bool("json") {
				return printJSON(c.App.Writer, u)
			}
			return printUser(c, u)
		})
	}
}

func printUser(c *cli.Context, u core.UserView) error {
	rows := [][]string{{"user", u.Display()}}
	add := func(key, value string) {
		if value != "" {
			rows = append(rows, []string{key, value})
		}
	}
	add("name", u.Name)
	add("upn", u.UPN)
	add("account", u.Account.String())
	add("directory", whereFound(u))
	add("standing", u.Standing)
	if u.Blocked != nil {
		add("blocked", strings.TrimSuffix(fmt.Sprintf("by %s since %s: %s", u.Blocked.By, clock(u.Blocked.Since), u.Blocked.Why), ": "))
	}
	for _, t := range u.Tokens {
		add("token", tokenText(t))
	}
	for _, t := range u.TempCodes {
		add(map[bool]string{true: "invitation", false: "temp code"}[t.Invitation], fmt.Sprintf("until %s, %s", clock(t.Until), plural(t.Uses, "use")))
	}
	for _, l := range u.Lanes {
		add("wrong codes", laneText(l))
	}
	if !u.LockedUntil.IsZero() {
		add("locked", "until "+clock(u.LockedUntil))
	}
	add("wrong passwords", fmt.Sprint(u.WrongPasswords))
	if n := u.Counted; n != nil {
		add("directory count", countText(*n))
	}
	add("last login", clock(u.LastAccept))
	return printTable(c.App.Writer, rows)
}

func whereFound(u core.UserView) string {
	if u.InDirectory {
		return u.Directory
	}
	return "not found there"
}

func tokenText(t core.TokenView) string {
	text := fmt.Sprintf("%s  %s, %d digits, %ds, made %s, last used %s", t.ID, t.Algorithm, t.Digits, t.Period, clock(t.Created), clock(t.LastUsed))
	if t.Label != "" {
		text = t.ID + "  " + t.Label + ": " + strings.TrimPrefix(text, t.ID+"  ")
	}
	if t.Disabled {
		text += ", disabled"
	}
	return text
}

// countText says what no unlock of ours ends.
func countText(n core.CountView) string {
	text := plural(n.Wrong, "wrong password")
	if n.Threshold > 0 {
		text = fmt.Sprintf("%d of %s", n.Wrong, plural(n.Threshold, "wrong password"))
	}
	return text + "; that passes by " + clock(n.ClearsBy) + ", or with its own unlock"
}

func laneText(l core.LaneView) string {
	source := l.Source
	if source == "" {
		source = "everywhere else"
	}
	text := fmt.Sprintf("%d more from %s", l.WrongLeft, source)
	if !l.Recovers.IsZero() {
		text += ", all back " + clock(l.Recovers)
	}
	return text
}
