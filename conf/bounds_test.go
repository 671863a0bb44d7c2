package conf

import (
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// declared is one key that is not a mapping, with the place it takes in a file.
type declared struct {
	key  string // clients[0].mode
	yaml string // a document with %s for the value
	kind reflect.Type
	field
}

// everyKey walks the declaration.
func everyKey(t reflect.Type, key, yaml string) []declared {
	var keys []declared
	for _, f := range fieldsOf(t) {
		at, kind := join(key, f.key), t.Field(f.index).Type
		doc := fmt.Sprintf(yaml, "{"+f.key+": %s}")
		switch {
		case parsers[kind] == nil && kind.Kind() == reflect.Struct:
			keys = append(keys, everyKey(kind, at, doc)...)
		case kind.Kind() == reflect.Slice && parsers[kind.Elem()] == nil:
			keys = append(keys, everyKey(kind.Elem(), at+"[0]", fmt.Sprintf(doc, "[%s]"))...)
			keys = append(keys, declared{at, doc, kind, f})
		default:
			keys = append(keys, declared{at, doc, kind, f})
		}
	}
	return keys
}

// says is the fault that value gets at the key, "" for none.
func (d declared) says(t *testing.T, value string) string {
	t.Helper()
	l := newLoader(filepath.Join(t.TempDir(), "twofold.yaml"), today)
	l.config(fmt.Appendf(nil, d.yaml, value))
	for _, f := range l.faults {
		if f.Key == d.key || strings.HasPrefix(f.Key, d.key+"[") {
			return f.Message
		}
	}
	return ""
}

func TestEveryKeyKeepsItsBounds(t *testing.T) {
	for _, d := range everyKey(reflect.TypeFor[Config](), "", "%s") {
		if d.min != "" {
			t.Run(d.key, func(t *testing.T) { testBounds(t, d) })
		}
	}
}

func testBounds(t *testing.T, d declared) {
	want := fmt.Sprintf("is not between %s and %s", d.min, d.max)
	for _, edge := range []struct {
		bound string
		step  int64
	}{{d.min, -1}, {d.max, 1}} {
		x, _ := parsers[d.kind](edge.bound)
		if got := d.says(t, edge.bound); strings.Contains(got, "between") {
			t.Errorf("%s: %s", edge.bound, got)
		}
		beyond := next(x, edge.step)
		if strings.HasPrefix(beyond, "-") && d.kind != reflect.TypeFor[int]() {
			continue // no duration or size is negative
		}
		if got := d.says(t, beyond); !strings.HasSuffix(got, want) {
			t.Errorf("%s: %q, want %q", beyond, got, want)
		}
	}
}

// next writes the value beside x.
func next(x any, step int64) string {
	switch x := x.(type) {
	case Duration:
		return fmt.Sprintf("%dns", int64(x)+step)
	case Size:
		return fmt.Sprintf("%dB", int64(x)+step)
	}
	return fmt.Sprint(number(x) + step)
}

func TestEveryChoiceIsTakenAndNoOther(t *testing.T) {
	for _, d := range everyKey(reflect.TypeFor[Config](), "", "%s") {
		if d.enum == nil {
			continue
		}
		t.Run(d.key, func(t *testing.T) {
			open, end := "", ""
			if d.kind.Kind() == reflect.Slice {
				open, end = "[", "]"
			}
			for _, word := range d.enum {
				if got := d.says(t, open+word+end); strings.Contains(got, "is not "+alternatives(d.enum)) {
					t.Errorf("%s: %s", word, got)
				}
			}
			for _, word := range []string{"other", strings.ToUpper(d.enum[0]) + "x", d.enum[0] + " "} {
				if got := d.says(t, open+`"`+word+`"`+end); !strings.HasSuffix(got, "is not "+alternatives(d.enum)) {
					t.Errorf("%q: %q", word, got)
				}
			}
		})
	}
}

func TestEveryListIsBounded(t *testing.T) {
	for _, d := range everyKey(reflect.TypeFor[Config](), "", "%s") {
		if d.kind.Kind() != reflect.Slice || d.enum != nil {
			continue
		}
		t.Run(d.key, func(t *testing.T) {
			if d.max == "" {
				t.Fatal("is not")
			}
			n := int(number(must(parseInt(d.max))))
			if got := d.says(t, "["+strings.Repeat("x,", n)+"x]"); got != fmt.Sprintf("has %d items, at most %d are allowed", n+1, n) {
				t.Errorf("%d items: %q", n+1, got)
			}
		})
	}
}

func must(x any, p problem) any {
	if p.message != "" {
		panic(p.message)
	}
	return x
}

func TestEveryTextIsBounded(t *testing.T) {
	for _, d := range everyKey(reflect.TypeFor[Config](), "", "%s") {
		if d.kind.Kind() != reflect.String {
			continue
		}
		if got := d.says(t, `"a\u0001b"`); got == "" {
			t.Errorf("%s takes a control character", d.key)
		}
		if got := d.says(t, strings.Repeat("x", 5000)); got == "" {
			t.Errorf("%s takes 5000 octets", d.key)
		}
	}
}

func TestEveryDefaultIsWithinItsBounds(t *testing.T) {
	for _, d := range everyKey(reflect.TypeFor[Config](), "", "%s") {
		if d.fallback == "" || d.kind.Kind() == reflect.Slice {
			continue
		}
		if got := d.says(t, `"`+d.fallback+`"`); got != "" {
			t.Errorf("%s: %s", d.key, got)
		}
	}
}

func TestEveryFormIsKnown(t *testing.T) {
	for _, d := range everyKey(reflect.TypeFor[Config](), "", "%s") {
		if d.check != "" && forms[d.check] == nil {
			t.Errorf("%s: no form %q", d.key, d.check)
		}
	}
}
