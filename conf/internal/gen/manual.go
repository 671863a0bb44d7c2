package main

import (
	"fmt"
	"reflect"
	"strings"
)

// manual is twofold.yaml(5) in man(7) macros.
func manual(root []key) string {
	var b strings.Builder
	b.WriteString(manualHead)
	b.WriteString(".SS Top level\n")
	for _, k := range root {
		if !k.mapping() {
			b.WriteString(manualKey(k))
		}
	}
	for _, k := range root {
		if k.mapping() {
			b.WriteString(manualSection(k))
		}
	}
	b.WriteString(manualTail)
	return b.String()
}

func manualSection(k key) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".SS %s\n%s\n", name(k.name), prose(k.text))
	if k.list {
		fmt.Fprintf(&b, "A list; each item has these keys.%s\n", prose(limits(k)))
	}
	for _, inner := range k.keys {
		b.WriteString(manualKey(inner))
	}
	return b.String()
}

func manualKey(k key) string {
	return fmt.Sprintf(".TP\n\\fB%s\\fR \\fI%s\\fR\n%s%s\n", name(k.name), name(form(k)), prose(k.text), prose(limits(k)))
}

// limits are default and bounds, as sentences.
func limits(k key) string {
	var s []string
	low, high := k.tag.Get("min"), k.tag.Get("max")
	switch {
	case k.list && high != "":
		s = append(s, "At most "+high+" items.")
	case low != "":
		s = append(s, "From "+low+" to "+high+".")
	}
	switch fallback := k.tag.Get("default"); {
	case fallback != "":
		s = append(s, "Default: "+spaced(k, fallback)+".")
	case k.tag.Get("required") == "true":
		s = append(s, "Required.")
	}
	if example := k.tag.Get("example"); example != "" && k.tag.Get("default") == "" {
		s = append(s, "Example: "+spaced(k, example)+".")
	}
	if len(s) == 0 {
		return ""
	}
	return "\n" + strings.Join(s, "\n")
}

// spaced writes the items of a list apart.
func spaced(k key, items string) string {
	if k.list {
		return strings.ReplaceAll(items, ",", ", ")
	}
	return items
}

// forms name what a value looks like by its type.
var forms = map[string]string{
	"string": "text", "bool": "true|false", "int": "number", "Duration": "duration", "Size": "size",
	"Date": "date", "Prefix": "network", "AddrPort": "address:port", "Secret": "secret",
}

func form(k key) string {
	f := forms[k.kind.Name()]
	switch {
	case k.tag.Get("enum") != "":
		f = k.tag.Get("enum")
	case k.tag.Get("check") == "path":
		f = "path"
	case k.kind.Kind() == reflect.String && strings.HasSuffix(k.tag.Get("check"), "url"):
		f = "URL"
	}
	if k.list {
		return "[" + f + ", ...]"
	}
	return f
}

// name writes a word whose hyphens are typed, not typeset.
func name(s string) string { return strings.ReplaceAll(escape(s), "-", `\-`) }

// prose writes text so that no line of it is taken for a request.
func prose(s string) string {
	lines := strings.Split(escape(s), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}

func escape(s string) string { return strings.ReplaceAll(s, `\`, `\e`) }
