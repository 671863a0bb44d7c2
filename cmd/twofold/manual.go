package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

//go:generate sh -c "go run . manual > ../../doc/twofold.8"

// manualCommand prints the manual page that doc holds; a test fails when that
// is stale.
func manualCommand() *cli.Command {
	return leaf(&cli.Command{
		Name: "manual", Usage: "print the manual page, twofold(8)", Hidden: true,
		Description: "Example: twofold manual | man -l -",
	}, func(c *cli.Context) error { return printf(c.App.Writer, "%s", manual(c.App)) })
}

// manual is twofold(8) in man(7) macros, made of the commands themselves.
func manual(app *cli.App) string {
	var b strings.Builder
	fmt.Fprintf(&b, manualHead, escape(app.Usage), prose(app.Description))
	b.WriteString(".SH COMMANDS\n")
	for _, c := range app.Commands {
		manualOf(&b, "twofold", c)
	}
	b.WriteString(manualTail)
	return b.String()
}

func manualOf(b *strings.Builder, before string, c *cli.Command) {
	if c.Hidden {
		return
	}
	name := before + " " + c.Name
	if len(c.Subcommands) == 0 || len(c.Flags) > 0 {
		fmt.Fprintf(b, ".SS %s\n\\fB%s\\fR [\\fIflags\\fR] %s\n.PP\n%s.\n", escape(strings.TrimPrefix(name, "twofold ")),
			escape(name), italic(c.ArgsUsage), escape(sentence(c.Usage)))
		b.WriteString(prose(c.Description))
		manualFlags(b, c.Flags)
	}
	for _, sub := range c.Subcommands {
		manualOf(b, name, sub)
	}
}

func manualFlags(b *strings.Builder, flags []cli.Flag) {
	for _, f := range flags {
		doc, ok := f.(cli.DocGenerationFlag)
		if !ok || slices.Contains(f.Names(), "help") || f.Names()[0] == "config" {
			continue
		}
		value, text := unquoteUsage(doc.GetUsage())
		fmt.Fprintf(b, ".TP\n%s", flagNames(f, doc, value))
		fmt.Fprintf(b, "\n%s.", escape(sentence(text)))
		if d := doc.GetValue(); d != "" && d != "false" && doc.TakesValue() {
			fmt.Fprintf(b, " Default: %s.", escape(d))
		}
		b.WriteByte('\n')
	}
}

func flagNames(f cli.Flag, doc cli.DocGenerationFlag, value string) string {
	var names []string
	for _, n := range f.Names() {
		dashes := "--"
		if len(n) == 1 {
			dashes = "-"
		}
		names = append(names, `\fB`+escape(dashes+n)+`\fR`)
	}
	line := strings.Join(names, ", ")
	if doc.TakesValue() {
		line += " " + italic(value)
	}
	return line
}

// unquoteUsage gives the name of the value, which stands in backquotes, and
// the text without these.
func unquoteUsage(usage string) (value, text string) {
	before, rest, ok := strings.Cut(usage, "`")
	if !ok {
		return "VALUE", usage
	}
	value, after, _ := strings.Cut(rest, "`")
	return value, before + value + after
}

func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func italic(words string) string {
	if words == "" {
		return ""
	}
	return `\fI` + escape(words) + `\fR`
}

// prose sets paragraphs; one that begins with "Example: " shows a line to
// type.
func prose(text string) string {
	var b strings.Builder
	for _, paragraph := range strings.Split(text, "\n\n") {
		if line, ok := strings.CutPrefix(paragraph, "Example: "); ok {
			fmt.Fprintf(&b, ".PP\n.EX\n%s\n.EE\n", escape(line))
		} else if paragraph != "" {
			fmt.Fprintf(&b, ".PP\n%s\n", escape(paragraph))
		}
	}
	return b.String()
}

// escape keeps text from being taken for requests.
func escape(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, "`", `\(ga`, "'", `\(aq`).Replace(s)
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
