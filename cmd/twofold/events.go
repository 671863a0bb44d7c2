package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"twofold/core"
	"twofold/httpapi"
)

func eventsCommand() *cli.Command {
	c := leaf(&cli.Command{
		Name:  "events",
		Usage: "read the audit log",
		Description: "Oldest first. Ids are explained in events.md, installed in /usr/share/doc/twofold, and never\n" +
			"change their meaning. --json prints one event a line.\n\nExample: twofold events --user alice --since 2h",
		Flags: []cli.Flag{
			flag("follow", "go on with new ones as they come", "f"),
			&cli.StringFlag{Name: "user", Usage: "only those of `USER`, in any spelling"},
			&cli.StringFlag{Name: "since", Usage: "only those since `WHEN`: 90m, 2h, 7d, 2027-03-31 or 2027-03-31T08:00:00Z"},
			jsonFlag(),
		},
	}, readEvents)
	c.Subcommands = []*cli.Command{verifyCommand()}
	return c
}

func readEvents(c *cli.Context) error {
	q := core.EventQuery{User: c.String("user"), Limit: 500}
	var err error
	if q.Since, err = since(c.String("since"), time.Now()); err != nil {
		return err
	}
	show := func(e core.Event) error { return printEvent(c, e) }
	return ask(c, func(ctx context.Context, server *httpapi.Client) error {
		if !c.Bool("follow") {
			return pages(ctx, server, q, show)
		}
		err := server.Follow(ctx, q, show)
		if err == nil && ctx.Err() == nil {
			return errors.New("the server ended the stream (hint: it may be restarting)")
		}
		if ctx.Err() != nil {
			return nil // Ctrl-C is how one ends it
		}
		return err
	})
}

func pages(ctx context.Context, server *httpapi.Client, q core.EventQuery, show func(core.Event) error) error {
	for {
		page, err := server.Events(ctx, q)
		if err != nil {
			return err
		}
		for _, e := range page.Events {
			if err := show(e); err != nil {
				return err
			}
		}
		if page.Next == "" {
			return nil
		}
		q.After = page.Next
	}
}

// since reads a point in time, or how long ago it was.
func since(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n >= 0 && n <= 36600 {
			return now.AddDate(0, 0, -n), nil
		}
	}
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	if at, err := time.ParseInLocation(time.DateOnly, text, time.Local); err == nil {
		return at, nil
	}
	return time.Time{}, usagef("--since: %q is neither how long ago (90m, 2h, 7d) nor a time (2027-03-31, 2027-03-31T08:00:00Z)", text)
}

func printEvent(c *cli.Context, e core.Event) error {
	if c.Bool("json") {
		line, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("encoding an event: %w", err)
		}
		return printf(c.App.Writer, "%s\n", line)
	}
	parts := []string{clock(e.At), e.Reason.String(), e.Reason.Name()}
	for _, p := range []struct{ key, value string }{
		{"", e.User}, {"client=", e.Client}, {"nas=", e.NAS}, {"from=", e.From}, {"by=", e.Actor},
	} {
		if p.value != "" {
			parts = append(parts, p.key+clean(p.value))
		}
	}
	if e.Count > 0 {
		parts = append(parts, fmt.Sprintf("count=%d", e.Count))
	}
	if e.Detail != "" {
		parts = append(parts, "("+clean(e.Detail)+")")
	}
	return printf(c.App.Writer, "%s\n", strings.Join(parts, "  "))
}

func verifyCommand() *cli.Command {
	return leaf(&cli.Command{
		Name:  "verify",
		Usage: "check the chain of events",
		Description: "Each event's hash covers the one before it: an event altered, removed, added or moved is found.\n\n" +
			"Example: twofold events verify",
		Flags: []cli.Flag{jsonFlag()},
	}, func(c *cli.Context) error {
		return ask(c, func(ctx context.Context, server *httpapi.Client) error {
			report, err := server.VerifyEvents(ctx)
			if err != nil {
				return err
			}
			return printChain(c, report)
		})
	})
}

func printChain(c *cli.Context, report core.ChainReport) error {
	var failed error
	if !report.OK {
		failed = errSaid
	}
	if c.Bool("json") {
		return errors.Join(failed, printJSON(c.App.Writer, report))
	}
	if report.OK {
		return printf(c.App.Writer, "%s from %s to %s: the chain is whole\n", plural(int(report.Checked), "event"), clock(report.From), clock(report.To))
	}
	return errors.Join(failed, printf(c.App.ErrWriter, "the chain is broken at event %d: something was altered, removed, added or moved there\n", report.BrokenAt))
}
