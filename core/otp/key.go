package otp

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Key is what an otpauth URI carries: a secret, whose it is, and how codes are
// made of it. It is not a record: encoders that heed json tags leave the secret
// out (I10).
type Key struct {
	Issuer  string // who asks for the code; may be empty
	Account string // the person, as the issuer knows them; may be empty
	Secret  []byte `json:"-"`
	Params
}

// MaxName is the longest issuer or account, in octets.
const MaxName = 256

// Weak tells whether the secret is shorter than the 128 bits that RFC 4226
// section 4 (R6) demands. Such keys work; whoever imports them should be told.
func (k Key) Weak() bool { return len(k.Secret) < weakBelow }

// Validate names everything that would keep the key out of a URI, without
// showing it.
func (k Key) Validate() error {
	return errors.Join(k.Params.Validate(), checkSecret(k.Secret),
		checkName("issuer", k.Issuer), checkName("account", k.Account))
}

func checkName(what, s string) error {
	switch {
	case len(s) > MaxName:
		return fmt.Errorf("%s is longer than %d octets", what, MaxName)
	case !utf8.ValidString(s):
		return fmt.Errorf("%s is not UTF-8", what)
	case strings.ContainsFunc(s, unicode.IsControl):
		return fmt.Errorf("%s contains a control character", what)
	case strings.TrimSpace(s) != s:
		return fmt.Errorf("%s begins or ends with a space", what)
	}
	return nil
}

// Format keeps the secret out of whatever is printed, by any verb (I10).
func (k Key) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "%s:%s (%v, %d digits, %v)", k.Issuer, k.Account, k.Algorithm, k.Digits, k.Period)
}

// URI writes the key in Google's key URI format. Every parameter stands in it,
// the defaults too, and the issuer both in the label and as parameter, since
// apps differ in what they read. All but unreserved characters are escaped; a
// colon in a name becomes %3A, so that the colon that parts them stays alone.
func (k Key) URI() string {
	label := escape(k.Account)
	if k.Issuer != "" {
		label = escape(k.Issuer) + ":" + label
	}
	return fmt.Sprintf("otpauth://totp/%s?secret=%s&issuer=%s&algorithm=%v&digits=%d&period=%d",
		label, encode(k.Secret), escape(k.Issuer), k.Algorithm, k.Digits, k.Period/time.Second)
}

// escape writes as %XX every octet that RFC 3986 section 2.3 does not call
// unreserved, but for the @ of mail addresses, which is allowed in label and
// parameter alike. url.QueryEscape would write a space as "+", which phones
// show as such.
func escape(s string) string {
	const bare = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~@"
	var b strings.Builder
	for i := range len(s) {
		if strings.IndexByte(bare, s[i]) >= 0 {
			b.WriteByte(s[i])
		} else {
			fmt.Fprintf(&b, "%%%02X", s[i])
		}
	}
	return b.String()
}
