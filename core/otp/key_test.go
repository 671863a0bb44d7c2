package otp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const base32Secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" // the RFC's

func TestURIIsWrittenAsAppsExpect(t *testing.T) {
	k := Key{Issuer: "A&B = 50% + C:D", Account: "jürgen+vpn@corp.example.com", Secret: secret, Params: Default()}
	want := "otpauth://totp/A%26B%20%3D%2050%25%20%2B%20C%3AD:j%C3%BCrgen%2Bvpn@corp.example.com" +
		"?secret=" + base32Secret + "&issuer=A%26B%20%3D%2050%25%20%2B%20C%3AD&algorithm=SHA1&digits=6&period=30"
	if diff := cmp.Diff(want, k.URI()); diff != "" {
		t.Error(diff)
	}
}

func TestURIsOfOtherProgramsAreRead(t *testing.T) {
	key := func(issuer, account string, change ...func(*Params)) Key {
		p := Default()
		for _, f := range change {
			f(&p)
		}
		return Key{issuer, account, secret, p}
	}
	tests := map[string]struct {
		uri  string
		want Key
	}{
		"only a secret":                       {"otpauth://totp/?secret=" + base32Secret, key("", "")},
		"no slash at all":                     {"otpauth://totp?secret=" + base32Secret, key("", "")},
		"a label without issuer":              {"otpauth://totp/alice?secret=" + base32Secret, key("", "alice")},
		"issuer in the label only":            {"otpauth://totp/Acme:alice?secret=" + base32Secret, key("Acme", "alice")},
		"an escaped colon and a space":        {"otpauth://totp/Acme%3A%20alice?secret=" + base32Secret, key("Acme", "alice")},
		"issuer as parameter only":            {"otpauth://totp/alice?issuer=Acme&secret=" + base32Secret, key("Acme", "alice")},
		"two issuers, the parameter wins":     {"otpauth://totp/Acme%20Inc:alice?issuer=Acme&secret=" + base32Secret, key("Acme", "alice")},
		"an issuer with a colon":              {"otpauth://totp/a%3Ab:alice?issuer=a%3Ab&secret=" + base32Secret, key("a:b", "alice")},
		"a colon in an account of nobody":     {"otpauth://totp/a%3Ab?issuer=&secret=" + base32Secret, key("", "a:b")},
		"an empty issuer beside a label":      {"otpauth://totp/Acme:alice?issuer=&secret=" + base32Secret, key("Acme", "alice")},
		"spaces written as plus":              {"otpauth://totp/alice?issuer=My+Firm&secret=" + base32Secret, key("My Firm", "alice")},
		"a plus in the account":               {"otpauth://totp/alice+vpn@example.com?secret=" + base32Secret, key("", "alice+vpn@example.com")},
		"a secret in lower case":              {"otpauth://totp/alice?secret=" + strings.ToLower(base32Secret), key("", "alice")},
		"a secret in groups":                  {"otpauth://totp/alice?secret=GEZD%20GNBV+GY3T-QOJQ GEZDGNBVGY3TQOJQ", key("", "alice")},
		"a secret with padding":               {"otpauth://totp/alice?secret=" + base32Secret + "%3D%3D", key("", "alice")},
		"a secret with bare padding":          {"otpauth://totp/alice?secret=" + base32Secret + "====", key("", "alice")},
		"capitals in the scheme":              {"OTPAUTH://TOTP/alice?secret=" + base32Secret, key("", "alice")},
		"white space around it":               {" otpauth://totp/alice?secret=" + base32Secret + "\r\n", key("", "alice")},
		"empty parameters":                    {"otpauth://totp/alice?algorithm=&digits=&period=&secret=" + base32Secret, key("", "alice")},
		"parameters nobody knows":             {"otpauth://totp/alice?image=x&color=1&counter=3&secret=" + base32Secret, key("", "alice")},
		"another name of the algorithm":       {"otpauth://totp/alice?algorithm=HmacSHA256&secret=" + base32Secret, key("", "alice", func(p *Params) { p.Algorithm = SHA256 })},
		"an algorithm with a hyphen":          {"otpauth://totp/alice?algorithm=sha-512&secret=" + base32Secret, key("", "alice", func(p *Params) { p.Algorithm = SHA512 })},
		"eight digits":                        {"otpauth://totp/alice?digits=8&secret=" + base32Secret, key("", "alice", func(p *Params) { p.Digits = 8 })},
		"a period of a minute":                {"otpauth://totp/alice?period=60&secret=" + base32Secret, key("", "alice", func(p *Params) { p.Period = time.Minute })},
		"a name in another script":            {"otpauth://totp/%E6%A0%AA:%C3%A9?secret=" + base32Secret, key("株", "é")},
		"a name in another script, unescaped": {"otpauth://totp/株:é?secret=" + base32Secret, key("株", "é")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ParseURI(test.uri)
			if err != nil {
				t.Fatal(err)
			}
			if got.URI() != test.want.URI() || !bytes.Equal(got.Secret, secret) || got.Params != test.want.Params {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestWrongURIsAreRefusedWithoutShowingTheSecret(t *testing.T) {
	const tail = "alice?secret=" + base32Secret
	tests := map[string]struct{ uri, want string }{
		"nothing":                    {"", "otpauth://totp/"},
		"a web address":              {"https://totp/" + tail, "otpauth://totp/"},
		"a counter-based token":      {"otpauth://hotp/" + tail + "&counter=1", "hotp"},
		"an unknown type":            {"otpauth://steam/" + tail, "otpauth://totp/"},
		"an export code":             {"otpauth-migration://offline?data=" + base32Secret, "export"},
		"a user in it":               {"otpauth://" + base32Secret + "@totp/" + tail, "otpauth://totp/"},
		"a port":                     {"otpauth://totp:1/" + tail, "otpauth://totp/"},
		"a fragment":                 {"otpauth://totp/" + tail + "#1", "%23"},
		"no secret":                  {"otpauth://totp/alice?digits=6", "missing"},
		"an empty secret":            {"otpauth://totp/alice?secret=", "0 bits"},
		"two secrets":                {"otpauth://totp/" + tail + "&secret=" + base32Secret, "2 times"},
		"two periods":                {"otpauth://totp/" + tail + "&period=30&period=60", "2 times"},
		"a short secret":             {"otpauth://totp/alice?secret=GEZDGNBVGY3TQOI", "72 bits"},
		"a long secret":              {"otpauth://totp/alice?secret=" + strings.Repeat("A", 208), "1040 bits"},
		"a secret in base64":         {"otpauth://totp/alice?secret=" + base32Secret + "1890", "base32"},
		"a secret of another length": {"otpauth://totp/alice?secret=" + base32Secret + "A", "base32"},
		"line breaks in the secret":  {"otpauth://totp/alice?secret=" + base32Secret + "%0D%0A", "base32"},
		"a line break in the secret": {"otpauth://totp/alice?secret=" + base32Secret + "%0A", "base32"},
		"MD5":                        {"otpauth://totp/" + tail + "&algorithm=MD5", "not one of"},
		"five digits":                {"otpauth://totp/" + tail + "&digits=5", "5 digits"},
		"nine digits":                {"otpauth://totp/" + tail + "&digits=9", "9 digits"},
		"digits that wrap around":    {"otpauth://totp/" + tail + "&digits=262", "not a number"},
		"no digits":                  {"otpauth://totp/" + tail + "&digits=0", "0 digits"},
		"a short period":             {"otpauth://totp/" + tail + "&period=14", "period 14s"},
		"a long period":              {"otpauth://totp/" + tail + "&period=121", "period 2m1s"},
		"a period with a unit":       {"otpauth://totp/" + tail + "&period=30s", "period is not"},
		"Steam's alphabet":           {"otpauth://totp/" + tail + "&encoder=steam", "alphabet"},
		"half a secret":              {"otpauth://totp/" + tail + "&2step_salt=8", "two-step"},
		"bad escapes":                {"otpauth://totp/al%zzice?secret=" + base32Secret, "badly escaped"},
		"bad escapes in parameters":  {"otpauth://totp/" + tail + "%z" + base32Secret, "badly escaped"},
		"a control character":        {"otpauth://totp/al%07ice?secret=" + base32Secret, "control"},
		"broken UTF-8":               {"otpauth://totp/al%ffice?secret=" + base32Secret, "UTF-8"},
		"a long account":             {"otpauth://totp/" + strings.Repeat("a", 257) + "?secret=" + base32Secret, "longer"},
		"a very long uri":            {"otpauth://totp/" + tail + "&x=" + strings.Repeat("a", 5000), "longer"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			k, err := ParseURI(test.uri)
			if err == nil {
				t.Fatalf("read as %v", k)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %q does not say %q", err, test.want)
			}
			if strings.Contains(err.Error(), base32Secret[:8]) {
				t.Errorf("I10: error shows the secret: %q", err)
			}
			if k.Secret != nil {
				t.Error("a secret comes with the error")
			}
		})
	}
}

func TestURIsComeBackAsTheyWere(t *testing.T) {
	name := rapid.OneOf(
		rapid.StringOfN(rapid.RuneFrom([]rune("aZ0:%&=+/?#@; äß株'\"<>\\,.~")), 0, 20, MaxName),
		rapid.StringN(0, 40, MaxName),
	).Filter(func(s string) bool { return checkName("name", s) == nil })
	rapid.Check(t, func(t *rapid.T) {
		p := drawParams(t)
		p.Window = Default().Window
		k := Key{
			Issuer:  name.Draw(t, "issuer"),
			Account: name.Draw(t, "account"),
			Secret:  rapid.SliceOfN(rapid.Byte(), MinSecretSize, MaxSecretSize).Draw(t, "secret"),
			Params:  p,
		}
		got, err := ParseURI(k.URI())
		if err != nil {
			t.Fatal(err)
		}
		if got.Issuer != k.Issuer || got.Account != k.Account || got.Params != p || !bytes.Equal(got.Secret, k.Secret) {
			t.Fatalf("got %q %q %v, want %q %q %v", got.Issuer, got.Account, got, k.Issuer, k.Account, k)
		}
	})
}

func TestShortSecretsAreWeak(t *testing.T) {
	for size, want := range map[int]bool{10: true, 15: true, 16: false, 20: false} {
		if got := (Key{Secret: make([]byte, size)}).Weak(); got != want {
			t.Errorf("%d octets: weak is %v", size, got)
		}
	}
}

func TestKeysForTypingAreInGroupsOfFour(t *testing.T) {
	for size, want := range map[int]string{0: "", 2: "AAAA", 5: "AAAA AAAA", 10: "AAAA AAAA AAAA AAAA", 11: "AAAA AAAA AAAA AAAA AA"} {
		if got := FormatKey(make([]byte, size)); got != want {
			t.Errorf("%d octets: got %q, want %q", size, got, want)
		}
	}
	if got, err := ParseSecret(FormatKey(secret)); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("does not come back: %v", err)
	}
}

func TestI10_NoFormattingOfAKeyShowsItsSecret(t *testing.T) {
	k := Key{"Acme", "alice", secret, Default()}
	asJSON, err := json.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{fmt.Sprint(k), fmt.Sprintf("%v %+v %#v %s %d %x %q", k, k, k, k, k, k, k),
		fmt.Sprintf("%+v", &k), fmt.Sprint([]Key{k}), string(asJSON)} {
		for _, shown := range []string{base32Secret, string(secret), fmt.Sprintf("%x", secret), "49 50 51", "MTIz"} {
			if strings.Contains(text, shown) {
				t.Errorf("the secret is in %q", text)
			}
		}
	}
}

func TestAlgorithmsComeBackFromTheirNames(t *testing.T) {
	for _, a := range []Algorithm{SHA1, SHA256, SHA512} {
		if got, err := ParseAlgorithm(a.String()); err != nil || got != a {
			t.Errorf("%v: got %v, %v", a, got, err)
		}
	}
	for _, bad := range []string{"", "MD5", "SHA", "SHA3", "SHA2560", "SHA224", "HMAC", "algorithm(3)"} {
		if got, err := ParseAlgorithm(bad); err == nil {
			t.Errorf("%q is read as %v", bad, got)
		}
	}
	if Algorithm(9).String() != "algorithm(9)" {
		t.Error("an unknown algorithm has a name")
	}
}
