package conf

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// value fills v from n: a scalar, a mapping or a list, as v's type wants.
func (l *loader) value(key string, n *yaml.Node, v reflect.Value, f field) {
	if n.Kind == yaml.AliasNode {
		if l.inAlias == 0 {
			l.site = place{n.Line, n.Column}
		}
		l.aliased = true
		l.inAlias++
		defer func() { l.inAlias-- }()
	}
	n, ok := l.enter(key, n)
	switch {
	case !ok || isNull(n):
	case n.Style&yaml.TaggedStyle != 0:
		l.fault(key, "carries a YAML tag", "remove the word that starts with !, or put the value in quotes")
	case parsers[v.Type()] != nil:
		l.scalar(key, n, v, f)
	case v.Kind() == reflect.Struct:
		l.mapping(key, n, v)
	default:
		l.list(key, n, v, f)
	}
}

// enter follows an alias and counts the node. Aliases let a small file name an
// endless tree, so the count ends it.
func (l *loader) enter(key string, n *yaml.Node) (*yaml.Node, bool) {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	l.nodes++
	if l.nodes > maxNodes {
		l.faultAt(l.find(key), "", fmt.Sprintf("holds more than %d values", maxNodes), "use fewer aliases")
		return nil, false
	}
	return n, true
}

// here is where n takes effect: below an alias, where the alias stands.
func (l *loader) here(n *yaml.Node) place {
	if l.inAlias > 0 {
		return l.site
	}
	return place{n.Line, n.Column}
}

// mapping fills the struct v: defaults first, then what is given.
func (l *loader) mapping(key string, n *yaml.Node, v reflect.Value) {
	fields := fieldsOf(v.Type())
	for _, f := range fields {
		l.setDefault(v.Field(f.index), f)
	}
	if n.Kind != yaml.MappingNode {
		l.fault(key, "must be a mapping", "write key: value lines below it")
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content) && l.nodes <= maxNodes; i += 2 {
		l.entry(key, n.Content[i], n.Content[i+1], v, fields, seen)
	}
	for _, f := range fields {
		l.require(join(key, f.key), v.Field(f.index), f)
	}
}

// entry fills the one field that the key node k names.
func (l *loader) entry(parent string, k, n *yaml.Node, v reflect.Value, fields []field, seen map[string]int) {
	at := l.here(k)
	f, ok := named(fields, k.Value)
	switch {
	case k.Kind != yaml.ScalarNode:
		l.faultAt(at, join(parent, "?"), "a key must be a plain word", "")
		return
	case !ok && l.inAlias > 0: // what the alias names may be a secret
		l.faultAt(at, join(parent, "?"), "the alias brings a key that is not known here", "")
		return
	}
	key := join(parent, printable(k.Value))
	if first, ok := seen[k.Value]; ok {
		l.addFault(at, key, fmt.Sprintf("is given twice, first on line %d", first), "remove one")
		return
	}
	seen[k.Value] = k.Line
	if !ok {
		l.faultAt(at, key, "is not a known key", keyHint(k.Value, fields))
		return
	}
	if !isNull(n) {
		l.places[key] = at
	}
	l.value(key, n, v.Field(f.index), f)
}

// list fills the slice v. Faulty items keep their place, so that those after
// them keep their number.
func (l *loader) list(key string, n *yaml.Node, v reflect.Value, f field) {
	if n.Kind != yaml.SequenceNode {
		l.fault(key, "must be a list", "put it in [ ]")
		return
	}
	if limit, err := strconv.Atoi(f.max); err == nil && len(n.Content) > limit {
		l.fault(key, fmt.Sprintf("has %d items, at most %d are allowed", len(n.Content), limit), "")
		return
	}
	items := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	seen := map[any]bool{}
	for i, item := range n.Content {
		k := fmt.Sprintf("%s[%d]", key, i)
		l.places[k] = l.here(item)
		if isNull(item) || item.Kind == yaml.ScalarNode && item.Value == "" {
			l.fault(k, "is empty", "remove the item")
			continue
		}
		l.value(k, item, items.Index(i), f)
		l.repeated(k, items.Index(i), seen)
		if l.nodes > maxNodes {
			return
		}
	}
	v.Set(items)
}

// repeated reports an item that stands in the list already.
func (l *loader) repeated(key string, item reflect.Value, seen map[any]bool) {
	if kind := item.Type(); parsers[kind] == nil || kind == reflect.TypeFor[Secret]() || item.IsZero() {
		return
	}
	if seen[item.Interface()] {
		l.fault(key, "stands in the list twice", "remove one")
	}
	seen[item.Interface()] = true
}

// require reports a missing or empty key that must be there.
func (l *loader) require(key string, v reflect.Value, f field) {
	if !f.required || !v.IsZero() && (v.Kind() != reflect.Slice || v.Len() > 0) {
		return
	}
	message := "is missing"
	if l.given(key) {
		message = "is empty"
	}
	l.fault(key, message, f.exampleHint(v.Kind() == reflect.Slice))
}

func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Tag == "!!null"
}

func join(parent, key string) string {
	if parent == "" {
		return key
	}
	return parent + "." + key
}

var plainKey = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)

// printable is a key of the file as it may stand in a fault's one line.
func printable(key string) string {
	if plainKey.MatchString(key) {
		return key
	}
	return quote(key)
}

// quote shows a value, shortened.
func quote(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return strconv.Quote(s)
}

func keyHint(key string, fields []field) string {
	if key == "<<" {
		return "merge keys are not supported"
	}
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.key
	}
	if hint := nearHint(key, names); hint != "" {
		return hint
	}
	return "known here: " + strings.Join(names, ", ")
}
