package main

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/urfave/cli/v2"
)

func TestTheManualPageIsNotStale(t *testing.T) {
	written, err := os.ReadFile("../../doc/twofold.8")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(written), manual(newApp(nil, nil, nil))); diff != "" {
		t.Errorf("doc/twofold.8 is stale, run go generate ./cmd/twofold:\n%s", diff)
	}
}

func TestEveryCommandHasHelpThatHelps(t *testing.T) {
	page := manual(newApp(nil, nil, nil))
	for name, c := range leaves("twofold", newApp(nil, nil, nil).Commands) {
		if c.Usage == "" || !strings.Contains(c.Description, "Example: "+name) {
			t.Errorf("%s: no usage, or no example that begins with its name: %q", name, c.Description)
		}
		if !c.Hidden && !strings.Contains(page, `\fB`+escape(name)+`\fR`) {
			t.Errorf("%s is not in the manual page", name)
		}
		for _, f := range c.Flags {
			if n := f.Names()[0]; n != "help" && !strings.Contains(page, escape("--"+n)) {
				t.Errorf("%s: --%s is not in the manual page", name, n)
			}
		}
	}
}

func TestEveryCommandButTheDemoTakesAConfiguration(t *testing.T) {
	for name, c := range leaves("twofold", newApp(nil, nil, nil).Commands) {
		found := false
		for _, f := range c.Flags {
			found = found || f.Names()[0] == "config"
		}
		if found == (name == "twofold demo") {
			t.Errorf("%s: --config is %v", name, found)
		}
	}
}

// leaves are all commands that do something, by what is typed.
func leaves(before string, commands []*cli.Command) map[string]*cli.Command {
	all := map[string]*cli.Command{}
	for _, c := range commands {
		name := before + " " + c.Name
		if len(c.Subcommands) == 0 || len(c.Flags) > 0 {
			all[name] = c
		}
		for n, sub := range leaves(name, c.Subcommands) {
			all[n] = sub
		}
	}
	return all
}
