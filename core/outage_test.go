package core

import (
	"context"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// bindFunc is a Binder of one function.
type bindFunc func() Bound

func (f bindFunc) Bind(context.Context, Identity, string) Bound { return f() }

func TestTheEventOfAnOutageSaysWhatItWas(t *testing.T) {
	for name, c := range map[string]struct {
		before func(*office)
		bind   Bound
		reason Reason
		detail string
	}{
		"the directory is down":      {func(o *office) { o.book.down = true }, Bound{}, DirectoryDown, "directory: no DC answers: unavailable"},
		"the store is down":          {func(o *office) { o.shelf.down = errors.New("no space left") }, Bound{}, StoreDown, "store: no space left"},
		"nothing could be sent":      {nil, Bound{Outcome: Unsent, Why: "dialing: refused"}, DirectoryDown, "bind: dialing: refused"},
		"no answer came":             {nil, Bound{Why: "no answer within 3s"}, BindOutcomeLost, "bind: no answer within 3s"},
		"the directory says a code":  {nil, Bound{Outcome: Refused, Code: "ldap-53"}, BindRefused, "code ldap-53"},
		"a line that forges a line":  {nil, Bound{Why: "a\nb"}, BindOutcomeLost, "bind: a?b"},
		"the person's record is bad": {damage, Bound{}, RecordDamaged, "store: "},
	} {
		t.Run(name, func(t *testing.T) {
			o, keys := enrolled(t, "alice")
			if c.before != nil {
				c.before(o)
			}
			code := keys["alice"].Code(keys["alice"].Secret, keys["alice"].StepAt(o.time()))
			o.Authenticate(ctx, Attempt{ID: "a1", Client: &Client{Mode: Append}, User: "alice", Password: "Passw0rd" + code,
				Binder: bindFunc(func() Bound { return c.bind })})
			e := o.last()
			if e.Reason != c.reason || !strings.HasPrefix(e.Detail, c.detail) || strings.Contains(e.Detail, "Passw0rd") {
				t.Errorf("%v: %q", e.Reason.Name(), e.Detail)
			}
			if (e.Seq == 0) != (c.reason == StoreDown) {
				t.Errorf("its number is %d", e.Seq)
			}
		})
	}
}

// damage leaves nothing of any account that could be read.
func damage(o *office) {
	for _, key := range o.shelf.keys(kindAccount) {
		o.shelf.records[string(kindAccount)+"\x00"+key] = []byte{0xff}
	}
}

func TestI12_TheTextOfAnOutageIsBounded(t *testing.T) {
	text := tidyDetail(strings.Repeat("ü", 1000))
	if len(text) > 204 || !utf8.ValidString(text) || !strings.HasSuffix(text, "ü…") {
		t.Errorf("%d octets, %q", len(text), text)
	}
}

func TestI12_AStoreThatIsDownDoesNotFloodTheLog(t *testing.T) {
	o, _ := enrolled(t, "alice")
	before := len(o.seen)
	o.shelf.down = ErrUnavailable
	for range 10 * floodFree {
		o.Authenticate(ctx, Attempt{Client: &Client{}, User: "alice", Password: "Passw0rd123456"})
	}
	if n := len(o.seen) - before; n != floodFree {
		t.Errorf("%d lines", n)
	}
}
