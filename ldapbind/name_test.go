package ldapbind

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParseName(t *testing.T) {
	for typed, want := range map[string]name{
		"alice":           {whole: "alice", user: "alice"},
		" alice\u00a0":    {whole: "alice", user: "alice"},
		`CORP\alice`:      {whole: `CORP\alice`, domain: "CORP", user: "alice"},
		`CORP \ alice`:    {whole: `CORP \ alice`, domain: "CORP", user: "alice"},
		`CORP\a\b`:        {whole: `CORP\a\b`, domain: "CORP", user: `a\b`},
		`CORP\a@b`:        {whole: `CORP\a@b`, domain: "CORP", user: "a@b"},
		"alice@example":   {whole: "alice@example", user: "alice", suffix: "example"},
		"al@ice@example":  {whole: "al@ice@example", user: "al@ice", suffix: "example"},
		"alice @ example": {whole: "alice@example", user: "alice", suffix: "example"},
		"jose\u0301":      {whole: "jos\u00e9", user: "jos\u00e9"},
		"al ice":          {whole: "al ice", user: "al ice"},
	} {
		if got, ok := parseName(typed); !ok || got != want {
			t.Errorf("%q is %+v (%v), want %+v", typed, got, ok, want)
		}
	}
	for _, typed := range []string{
		"", " ", `\`, `\alice`, `CORP\`, "@", "alice@", "@example", "a\x00", "\x00", "a\nb", "alice\n", "a\u200bb",
		"a\u202eb", "a\u00a0b", "\xff", "a\ufffd", "a\u007f", strings.Repeat("a", MaxName+1),
	} {
		if got, ok := parseName(typed); ok {
			t.Errorf("%q is %+v, want a refusal", typed, got)
		}
	}
}

func FuzzName(f *testing.F) {
	for _, seed := range []string{
		"alice", `CORP\alice`, "alice@example.com", " alice ", "a\x00", "*", ")(uid=*", `\`, "@", "jose\u0301",
		"\xff\xfe", "ａｌｉｃｅ", `a\b@c`, "\u200balice", strings.Repeat("x", 300),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		n, ok := parseName(typed)
		if !ok {
			return
		}
		for _, part := range []string{n.whole, n.user, n.domain, n.suffix} {
			if !utf8.ValidString(part) || strings.ContainsFunc(part, unseen) || trim(part) != part {
				t.Errorf("%q has the part %q", typed, part)
			}
		}
		if n.user == "" || n.domain != "" && n.suffix != "" {
			t.Errorf("%q is %+v", typed, n)
		}
		if again, ok := parseName(n.key()); !ok || again.key() != n.key() || again.user != n.user {
			t.Errorf("%q is %+v, and its key %q is %+v", typed, n, n.key(), again)
		}
	})
}
