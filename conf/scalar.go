package conf

import (
	"cmp"
	"fmt"
	"net/netip"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// problem is what is wrong with one value: "VALUE message (hint)". The zero
// problem is none.
type problem struct{ message, hint string }

// parsers turn the text of a scalar into the value of its type.
var parsers = map[reflect.Type]func(string) (any, problem){
	reflect.TypeFor[string]():         parseText,
	reflect.TypeFor[bool]():           parseBool,
	reflect.TypeFor[int]():            parseInt,
	reflect.TypeFor[Duration]():       parseDuration,
	reflect.TypeFor[Size]():           parseSize,
	reflect.TypeFor[Date]():           parseDate,
	reflect.TypeFor[netip.Prefix]():   parsePrefix,
	reflect.TypeFor[netip.AddrPort](): parseListen,
	reflect.TypeFor[Secret]():         parseSecret,
}

// scalar fills v from one value, after form and bounds were looked at.
func (l *loader) scalar(key string, n *yaml.Node, v reflect.Value, f field) {
	if n.Kind != yaml.ScalarNode {
		l.fault(key, "must be one value, not a list or mapping", "")
		return
	}
	if n.Tag == "!!bool" && v.Kind() != reflect.Bool {
		l.fault(key, "must not be a bare true or false", "put it in quotes")
		return
	}
	x, p := parsers[v.Type()](n.Value)
	if p.message == "" {
		p = f.judge(n.Value, x)
	}
	if p.message != "" {
		l.fault(key, l.said(n.Value, v.Type(), f)+p.message, p.hint)
		return
	}
	v.Set(reflect.ValueOf(x))
	if f.check == "path" {
		v.SetString(l.resolve(n.Value))
	}
}

// said quotes a value in front of what is wrong with it, unless that could be a
// secret: an alias may stand for one, a URL may carry one, and where a path is
// wanted people paste what should be in the file.
func (l *loader) said(text string, t reflect.Type, f field) string {
	secret := l.inAlias > 0 || t == reflect.TypeFor[Secret]() || f.check == "path" ||
		strings.Contains(text, "://") && strings.Contains(text, "@")
	if secret || text == "" {
		return ""
	}
	return quote(text) + " "
}

// judge holds a parsed value against enum, bounds and form.
func (f field) judge(text string, x any) problem {
	switch {
	case f.enum != nil && text == "" && f.fallback == "":
		return problem{}
	case f.enum != nil:
		return oneOf(text, f.enum)
	case f.check != "" && text != "":
		return forms[f.check](text)
	case f.min == "" || f.max == "":
		return problem{}
	}
	parse := parsers[reflect.TypeOf(x)]
	low, p := parse(f.min)
	high, q := parse(f.max)
	if p.message != "" || q.message != "" {
		panic("conf: bounds of " + f.key + " do not parse")
	}
	if n := number(x); n < number(low) || n > number(high) {
		return problem{message: fmt.Sprintf("is not between %s and %s", f.min, f.max)}
	}
	return problem{}
}

// number is the value of anything that has bounds.
func number(x any) int64 {
	switch x := x.(type) {
	case int:
		return int64(x)
	case Duration:
		return int64(x)
	case Size:
		return int64(x)
	}
	panic(fmt.Sprintf("conf: %T has no bounds", x))
}

func oneOf(text string, enum []string) problem {
	if slices.Contains(enum, text) {
		return problem{}
	}
	return problem{"is not " + alternatives(enum), nearHint(text, enum)}
}

// alternatives is "a, b or c".
func alternatives(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// resolve makes a path relative to the configuration file.
func (l *loader) resolve(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(cmp.Or(l.dir, "."), path)
}
