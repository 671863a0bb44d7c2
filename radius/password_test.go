package radius

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	codec "layeh.com/radius"
)

var nonce = []byte("0123456789abcdef")

// hide encrypts octets that are a multiple of 16 long, whatever they are.
func hide(t testing.TB, octets []byte) []byte {
	t.Helper()
	if len(octets) == 0 {
		return nil
	}
	s := NewSecret([]byte(testSecret))
	var hiddenOctets []byte
	previous := nonce
	for ; len(octets) > 0; octets = octets[16:] {
		pad := s.unhide(nil, make([]byte, 16), previous)
		for i := range pad {
			pad[i] ^= octets[i]
		}
		hiddenOctets, previous = append(hiddenOctets, pad...), pad
	}
	return hiddenOctets
}

func TestPasswordsAreDecoded(t *testing.T) {
	pad := func(s string, n int) []byte { return append([]byte(s), make([]byte, n-len(s))...) }
	for name, c := range map[string]struct {
		clear []byte
		want  string
		ok    bool
	}{
		"a short one":                         {pad("secret", 16), "secret", true},
		"an empty one":                        {pad("", 16), "", true},
		"exactly one block":                   {[]byte("0123456789abcdef"), "0123456789abcdef", true},
		"two blocks":                          {pad("0123456789abcdefg", 32), "0123456789abcdefg", true},
		"128 octets":                          {bytes.Repeat([]byte("ab"), 64), strings.Repeat("ab", 64), true},
		"padded by more than a block":         {pad("secret", 64), "secret", true},
		"spaces at its end stay":              {pad("secret  ", 16), "secret  ", true},
		"UTF-8":                               {pad("pässwörd€", 16), "pässwörd€", true},
		"144 octets are too many":             {make([]byte, 144), "", false},
		"a NUL inside is no text":             {pad("sec\x00ret", 16), "", false},
		"a NUL at the start is no text":       {pad("\x00secret", 16), "", false},
		"Latin-1 is no UTF-8":                 {pad("p\xe4ssword", 16), "", false},
		"a surrogate is no UTF-8":             {pad("p\xed\xa0\x80", 16), "", false},
		"no octets at all are not a password": {nil, "", false},
	} {
		got, ok := clearPassword(hide(t, c.clear), nonce, NewSecret([]byte(testSecret)))
		if got != c.want || ok != c.ok {
			t.Errorf("%s: got %q, %v", name, got, ok)
		}
	}
	if _, ok := clearPassword(make([]byte, 15), nonce, NewSecret([]byte(testSecret))); ok {
		t.Error("15 octets were taken for a block")
	}
}

func TestStaticChallengesOfOpenVPNAreSplit(t *testing.T) {
	for name, c := range map[string]struct {
		field, password, code string
		ok                    bool
	}{
		"password and code":               {"SCRV1:c2VjcmV0:MTIzNDU2", "secret", "123456", true},
		"no code":                         {"SCRV1:c2VjcmV0:", "secret", "", true},
		"no password":                     {"SCRV1::MTIzNDU2", "", "123456", true},
		"one part only is a password":     {"SCRV1:c2VjcmV0", "", "", false},
		"three parts are a password":      {"SCRV1:c2VjcmV0:MTIzNDU2:MTIz", "", "", false},
		"no base64 is a password":         {"SCRV1:secret!:123456", "", "", false},
		"sloppy base64 is a password":     {"SCRV1:c2VjcmV1:MTIzNDU3=", "", "", false},
		"a line break in it":              {"SCRV1:c2Vj\ncmV0:MTIzNDU2", "", "", false},
		"a NUL in the password":           {"SCRV1:c2VjAHJldA==:MTIzNDU2", "", "", false},
		"no UTF-8":                        {"SCRV1:5A==:MTIzNDU2", "", "", false},
		"another prefix is a password":    {"scrv1:c2VjcmV0:MTIzNDU2", "", "", false},
		"a password that begins the same": {"SCRV1 is my password", "", "", false},
	} {
		password, code, ok := splitSCRV1(c.field)
		if password != c.password || code != c.code || ok != c.ok {
			t.Errorf("%s: got %q, %q, %v", name, password, code, ok)
		}
	}
}

// FuzzPassword decodes arbitrary octets: never more than core can take, never
// anything but text, and always what layeh.com/radius has hidden.
func FuzzPassword(f *testing.F) {
	f.Add([]byte("secret"), []byte(testSecret))
	f.Add([]byte("0123456789abcdef0123456789abcdef"), []byte("x"))
	f.Add([]byte("sec\x00ret"), []byte(testSecret))
	f.Add([]byte("p\xe4ss"), []byte(testSecret))
	f.Fuzz(func(t *testing.T, octets, secret []byte) {
		if len(secret) == 0 {
			return
		}
		s := NewSecret(secret)
		if got, ok := clearPassword(octets, nonce, s); ok && (len(got) > 128 || !utf8.ValidString(got) || strings.Contains(got, "\x00")) {
			t.Fatalf("took %q", got)
		}
		hidden, err := codec.NewUserPassword(octets, secret, nonce)
		if err != nil || len(octets) == 0 {
			return
		}
		got, ok := clearPassword(hidden, nonce, s)
		want := bytes.TrimRight(octets, "\x00")
		if ok != isText(want) || ok && got != string(want) {
			t.Fatalf("%q came back as %q, %v", octets, got, ok)
		}
		if password, code, ok := splitSCRV1(got); ok && len(password)+len(code) > len(got) {
			t.Fatalf("%q grew", got)
		}
	})
}
