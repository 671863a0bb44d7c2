package ldapbind

import (
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
)

func TestFilterIsWhatItSays(t *testing.T) {
	got := allOf(anything, anyOf(equal("uid", "a"), equal("mail", "a*)(b\x00")), equal("x", "\xff\xfe"))
	if want := `(&(objectClass=*)(|(uid=a)(mail=a\2a\29\28b\00))(x=\ff\fe))`; got != want {
		t.Errorf("the filter is %s, want %s", got, want)
	}
	if got := allOf(anyOf(equal("uid", "a"))); got != "(uid=a)" {
		t.Errorf("a single filter is %s", got)
	}
}

func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		"alice", "*", ")(uid=*", "\x00", `\2a`, "", " a ", "\n", "ü", strings.Repeat("x", 200), "\xff",
		"\x01\x05\x00\x00\x00\x00\x00\x05\x15\x00\x00\x00(*)\\",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		p, err := ldap.CompileFilter(allOf(equal("uid", value), anything))
		if err != nil {
			t.Fatalf("%q made the filter unreadable: %v", value, err)
		}
		if len(p.Children) != 2 || p.Children[0].Tag != ldap.FilterEqualityMatch || len(p.Children[0].Children) != 2 {
			t.Fatalf("%q changed the shape of the filter", value)
		}
		if got := p.Children[0].Children[1].Data.String(); got != value {
			t.Errorf("%q became %q", value, got)
		}
	})
}
