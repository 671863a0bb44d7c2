package main

import (
	"regexp"
	"strings"
)

const sampleHead = `# Twofold's configuration. twofold.yaml(5) has every key with its bounds;
# "twofold check" finds every fault. Keys that start with # are not in force and
# show what else could be said; the others stand at their default or at an
# example that is yours to change.
`

// sample is a configuration with everything in it, explained.
func sample(root []key) string {
	var b strings.Builder
	b.WriteString(sampleHead)
	for _, k := range root {
		b.WriteString("\n")
		for _, line := range sampleKey(k) {
			b.WriteString(strings.TrimRight(line, " ") + "\n")
		}
	}
	return b.String()
}

// sampleKey is one key and what is below it, indented from column 0.
func sampleKey(k key) []string {
	lines := comment(sentence(k), 76)
	switch {
	case !k.mapping() && k.tag.Get("alt") != "":
		return append(lines, "# "+k.name+": "+k.tag.Get("alt"))
	case !k.mapping():
		return append(lines, k.name+": "+sampleValue(k))
	}
	lines = append(lines, k.name+":")
	for i, inner := range k.keys {
		lines = append(lines, nest(sampleKey(inner), k.list, i == 0)...)
	}
	if k.tag.Get("sample") == "off" {
		return comments(lines)
	}
	return lines
}

// nest indents the lines of a key below its mapping; the first key of a list's
// item carries the dash.
func nest(lines []string, list, first bool) []string {
	indent := "  "
	if list {
		indent = "    "
	}
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = indent + line
		if list && first && i == len(lines)-1 {
			out[i] = "  - " + strings.TrimPrefix(line, "# ")
		}
	}
	return out
}

// comments puts a whole block out of force.
func comments(lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = "# " + strings.TrimPrefix(line, "# ")
	}
	return out
}

// comment breaks text into lines of at most width columns.
func comment(text string, width int) []string {
	var lines []string
	line := "#"
	for _, word := range strings.Fields(text) {
		if len(line)+1+len(word) > width && line != "#" {
			lines, line = append(lines, line), "#"
		}
		line += " " + word
	}
	return append(lines, line)
}

// sentence is the text of a key in the sample: with its choices, which the
// manual shows beside the name.
func sentence(k key) string {
	enum := k.tag.Get("enum")
	if enum == "" {
		return k.text
	}
	for _, word := range strings.Split(enum, "|") {
		if !strings.Contains(k.text, word) {
			return k.text + " One of: " + strings.ReplaceAll(enum, "|", ", ") + "."
		}
	}
	return k.text
}

func sampleValue(k key) string {
	value := k.tag.Get("default")
	if example := k.tag.Get("example"); example != "" {
		value = example
	}
	if !k.list {
		return scalar(value)
	}
	if value == "" {
		return "[]"
	}
	items := strings.Split(value, ",")
	for i := range items {
		items[i] = scalar(items[i])
	}
	return "[" + strings.Join(items, ", ") + "]"
}

var (
	plain   = regexp.MustCompile(`^[A-Za-z0-9/][A-Za-z0-9 /._@=+,:-]*$`)
	numeric = regexp.MustCompile(`^[0-9.]+:|::`)
)

// scalar quotes what YAML could read as something else.
func scalar(s string) string {
	if plain.MatchString(s) && !numeric.MatchString(s) {
		return s
	}
	return `"` + s + `"`
}
