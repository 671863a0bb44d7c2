package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"twofold/conf"
	"twofold/httpapi"
	"twofold/ldapbind"
)

func doctorCommand() *cli.Command {
	return leaf(&cli.Command{
		Name:  "doctor",
		Usage: "try everything live, and name the remedy for what is wrong",
		Description: "Each directory server (name, TLS, bind, search, clock, lockout policy), certificates, store, disk,\n" +
			"ports, secrets, the clock, and the clients whose packets were dropped. The running server is asked;\n" +
			"without one, what can be looked at from here is. Exit status 1: there is a fault.\n\nExample: twofold doctor",
		Flags: []cli.Flag{jsonFlag()},
	}, func(c *cli.Context) error {
		cfg, warnings, err := load(c)
		if err != nil {
			return err
		}
		findings := configFindings(warnings)
		live, err := consult(c.Context, cfg)
		if err != nil {
			findings = append(findings, httpapi.Finding{Area: "server", Subject: cfg.SocketPath(), Level: httpapi.Warning,
				Text: err.Error(), Hint: "what follows was looked at from here"})
			live = examineAlone(c.Context, cfg)
		}
		// The clock is asked from here: the server's sandbox may forbid it.
		return printFindings(c, slices.Concat(findings, live, clockFindings()))
	})
}

// consult asks the running server.
func consult(ctx context.Context, cfg *conf.Config) ([]httpapi.Finding, error) {
	client := httpapi.Dial(cfg.SocketPath())
	defer client.Close()
	report, err := client.Doctor(ctx)
	return report.Findings, err
}

func configFindings(ws conf.Warnings) []httpapi.Finding {
	if len(ws) == 0 {
		return []httpapi.Finding{{Area: "config", Level: httpapi.OK, Text: "no faults, no warnings"}}
	}
	var all []httpapi.Finding
	for _, w := range ws {
		all = append(all, httpapi.Finding{Area: "config", Subject: fmt.Sprintf("%s:%d %s", w.File, w.Line, w.Key),
			Level: httpapi.Warning, Text: w.Message, Hint: w.Hint})
	}
	return all
}

var marks = map[httpapi.Level]string{httpapi.OK: "ok", httpapi.Warning: "WARNING", httpapi.Fault: "FAULT"}

func printFindings(c *cli.Context, all []httpapi.Finding) error {
	var end error
	counts := map[httpapi.Level]int{}
	for _, f := range all {
		counts[f.Level]++
	}
	if counts[httpapi.Fault] > 0 {
		end = errSaid
	}
	if c.Bool("json") {
		return errors.Join(end, printJSON(c.App.Writer, httpapi.Report{Findings: all}))
	}
	for _, f := range all {
		if err := printf(c.App.Writer, "%-8s %s\n", marks[f.Level], findingText(f)); err != nil {
			return err
		}
		if f.Hint != "" {
			if err := printf(c.App.Writer, "%-8s   hint: %s\n", "", clean(f.Hint)); err != nil {
				return err
			}
		}
	}
	return errors.Join(end, printf(c.App.Writer, "\n%d ok, %s, %s\n", counts[httpapi.OK],
		plural(counts[httpapi.Warning], "warning"), plural(counts[httpapi.Fault], "fault")))
}

func findingText(f httpapi.Finding) string {
	return clean(strings.TrimSpace(f.Area+" "+f.Subject) + ": " + f.Text)
}

// examine is what the running server finds.
func (s *server) examine(ctx context.Context) []httpapi.Finding {
	now := s.present.Load()
	return gather(
		directoryFindings(s.directory.Probe(ctx)),
		s.storeFindings(),
		s.listenFindings(),
		s.certificateFindings(),
		diskFindings(now.conf),
		secretFindings(now.conf),
		s.dropFindings(),
	)
}

// examineAlone is what can be found without a running server.
func examineAlone(ctx context.Context, cfg *conf.Config) []httpapi.Finding {
	return gather(
		probe(ctx, cfg),
		storeFileFindings(cfg),
		diskFindings(cfg),
		portFindings(cfg),
		fileCertificateFindings(cfg),
		secretFindings(cfg),
	)
}

func gather(parts ...[]httpapi.Finding) (all []httpapi.Finding) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// probe tries the directories on connections of its own.
func probe(ctx context.Context, cfg *conf.Config) []httpapi.Finding {
	configs, err := buildDirectories(cfg, nil)
	if err != nil {
		return []httpapi.Finding{{Area: "directory", Level: httpapi.Fault, Text: err.Error()}}
	}
	ds, err := ldapbind.Open(configs...)
	if err != nil {
		return []httpapi.Finding{{Area: "directory", Level: httpapi.Fault, Text: err.Error()}}
	}
	defer ds.Close()
	return directoryFindings(ds.Probe(ctx))
}

var levels = map[ldapbind.Verdict]httpapi.Level{ldapbind.OK: httpapi.OK, ldapbind.Warn: httpapi.Warning, ldapbind.Fail: httpapi.Fault}

func directoryFindings(found []ldapbind.Finding) (all []httpapi.Finding) {
	for _, f := range found {
		all = append(all, httpapi.Finding{Area: "directory", Subject: f.Directory + " " + f.URL,
			Level: levels[f.Verdict], Text: f.Check + ": " + f.Detail, Hint: f.Remedy})
	}
	return all
}
