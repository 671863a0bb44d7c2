package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// checkArgs holds the arguments against ArgsUsage. The library stops looking
// for flags at the first argument: what was meant as one is told, not ignored.
func checkArgs(c *cli.Context) error {
	given := c.Args().Slice()
	for i, arg := range given {
		if len(arg) > 1 && arg[0] == '-' {
			return misplaced(c, given, i)
		}
	}
	names := strings.Fields(c.Command.ArgsUsage)
	if len(given) > len(names) {
		return usagef("too many arguments: %q\nusage: %s", given[len(names):], usageLine(c))
	}
	for _, name := range names[len(given):] {
		if !strings.HasPrefix(name, "[") {
			return usagef("%s is missing\nusage: %s", name, usageLine(c))
		}
	}
	for i, arg := range given {
		if arg == "" {
			return usagef("%s is empty\nusage: %s", names[i], usageLine(c))
		}
	}
	return nil
}

func usageLine(c *cli.Context) string {
	return strings.TrimSpace(commandName(c) + " [flags] " + c.Command.ArgsUsage)
}

// misplaced refuses an argument that begins with "-", and shows the line that
// was meant if it is a flag.
func misplaced(c *cli.Context, given []string, at int) error {
	flag, _ := findFlag(c, given[at])
	if flag == nil {
		return usagef("arguments do not begin with %q; flags go before the arguments\nusage: %s", "-", usageLine(c))
	}
	what := "arguments"
	if names := strings.Fields(c.Command.ArgsUsage); len(names) > 0 && strings.Trim(names[0], "[]") == "USER" {
		what = "user name"
	}
	return usagef("flags go before the %s: %s", what, rearranged(c, given))
}

// rearranged is the line with its flags first. A code is not repeated.
func rearranged(c *cli.Context, given []string) string {
	var flags, rest []string
	for i := 0; i < len(given); i++ {
		flag, valued := findFlag(c, given[i])
		switch {
		case flag == nil:
			rest = append(rest, given[i])
		case !valued:
			flags = append(flags, given[i])
		case slices.Contains(flag.Names(), "code"):
			flags = append(flags, "--code …")
			i += valueAfter(given[i])
		case strings.Contains(given[i], "=") || i+1 == len(given):
			flags = append(flags, given[i])
		default:
			flags = append(flags, given[i], given[i+1])
			i++
		}
	}
	return strings.Join(slices.Concat([]string{commandName(c)}, flags, rest), " ")
}

// valueAfter is 1 if the flag's value is an argument of its own.
func valueAfter(flag string) int {
	if strings.Contains(flag, "=") {
		return 0
	}
	return 1
}

// findFlag tells whether arg is one of the command's flags, and whether a
// value follows it.
func findFlag(c *cli.Context, arg string) (flag cli.Flag, valued bool) {
	if len(arg) < 2 || arg[0] != '-' {
		return nil, false
	}
	name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
	for _, f := range c.Command.Flags {
		if slices.Contains(f.Names(), name) {
			doc, ok := f.(cli.DocGenerationFlag)
			return f, ok && doc.TakesValue()
		}
	}
	return nil, false
}
