package conf

import (
	"fmt"
	"reflect"
	"strings"
)

// field is one key as its struct tags declare it.
type field struct {
	index    int
	key      string   // yaml: its name
	fallback string   // default: its value when it is not given; lists by comma
	enum     []string // enum: the values it may have
	min, max string   // bounds of a number, of a list its greatest length
	check    string   // check: the name of its form, see forms
	example  string   // example: a value to show
	required bool
}

func fieldsOf(t reflect.Type) []field {
	var fields []field
	for i := range t.NumField() {
		tag := t.Field(i).Tag
		if key := tag.Get("yaml"); key != "-" {
			fields = append(fields, newField(i, key, tag))
		}
	}
	return fields
}

func newField(i int, key string, tag reflect.StructTag) field {
	f := field{
		index: i, key: key, fallback: tag.Get("default"),
		min: tag.Get("min"), max: tag.Get("max"),
		check: tag.Get("check"), example: tag.Get("example"),
		required: tag.Get("required") == "true",
	}
	if enum := tag.Get("enum"); enum != "" {
		f.enum = strings.Split(enum, "|")
	}
	return f
}

func named(fields []field, key string) (field, bool) {
	for _, f := range fields {
		if f.key == key {
			return f, true
		}
	}
	return field{}, false
}

// exampleHint shows what the key could say; of a list the first item.
func (f field) exampleHint(list bool) string {
	if f.example == "" {
		return ""
	}
	if first, _, _ := strings.Cut(f.example, ","); list {
		return "for example " + f.key + ": [" + first + "]"
	}
	return "for example " + f.key + ": " + f.example
}

// setDefault gives v its default and, if it is a struct, its fields theirs.
func (l *loader) setDefault(v reflect.Value, f field) {
	switch {
	case parsers[v.Type()] == nil && v.Kind() == reflect.Struct:
		for _, inner := range fieldsOf(v.Type()) {
			l.setDefault(v.Field(inner.index), inner)
		}
	case f.fallback == "":
	case v.Kind() == reflect.Slice:
		parts := strings.Split(f.fallback, ",")
		v.Set(reflect.MakeSlice(v.Type(), len(parts), len(parts)))
		for i, part := range parts {
			setText(v.Index(i), part)
		}
	default:
		setText(v, f.fallback)
	}
}

// setText sets v to a default. A default that does not parse is a fault of the
// program, which every test finds.
func setText(v reflect.Value, text string) {
	x, p := parsers[v.Type()](text)
	if p.message != "" {
		panic(fmt.Sprintf("conf: default %q %s", text, p.message))
	}
	v.Set(reflect.ValueOf(x))
}

// nearest is the candidate that word was probably meant to be, or "".
func nearest(word string, candidates []string) string {
	best, least := "", max(2, len(word)/3)+1
	if len(word) > 64 {
		return ""
	}
	for _, c := range candidates {
		if d := distance(strings.ToLower(word), strings.ToLower(c)); d < least && d < len(c) {
			best, least = c, d
		}
	}
	return best
}

// nearHint asks whether the nearest candidate was meant, if one is near.
func nearHint(word string, candidates []string) string {
	if near := nearest(word, candidates); near != "" {
		return "did you mean " + near + "?"
	}
	return ""
}

// distance is the Levenshtein distance in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
