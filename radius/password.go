package radius

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"twofold/core"
)

// clearPassword decrypts a User-Password (RFC 2865 section 5.2) and strips the
// NULs it was padded with. It fails where what remains is no text that a
// directory could compare: a NUL inside, or no UTF-8.
func clearPassword(hidden, authenticator []byte, secret *Secret) (string, bool) {
	if len(hidden) == 0 || len(hidden) > core.MaxPassword || len(hidden)%md5.Size != 0 {
		return "", false
	}
	clear := secret.unhide(make([]byte, 0, core.MaxPassword), hidden, authenticator)
	clear = bytes.TrimRight(clear, "\x00")
	if !isText(clear) {
		return "", false
	}
	return string(clear), true
}

func isText(octets []byte) bool {
	return bytes.IndexByte(octets, 0) < 0 && utf8.Valid(octets)
}

// openPassword finds the secret where no Message-Authenticator has told it:
// the first that makes text of the password. With none that does, the first.
func (c *Client) openPassword(hidden, authenticator []byte) (*Secret, string, bool) {
	for _, s := range c.Secrets {
		if password, ok := clearPassword(hidden, authenticator, s); ok {
			return s, password, true
		}
	}
	return c.Secrets[0], "", false
}

// splitSCRV1 takes apart what OpenVPN sends for a static challenge:
// SCRV1:base64(password):base64(answer). Anything that is not exactly that is
// somebody's password.
func splitSCRV1(field string) (password, code string, ok bool) {
	rest, ok := strings.CutPrefix(field, "SCRV1:")
	if !ok {
		return "", "", false
	}
	first, second, ok := strings.Cut(rest, ":")
	if !ok {
		return "", "", false
	}
	p, errP := base64.StdEncoding.Strict().DecodeString(first)
	c, errC := base64.StdEncoding.Strict().DecodeString(second)
	if errP != nil || errC != nil || strings.ContainsAny(rest, "\r\n") || !isText(p) || !isText(c) {
		return "", "", false
	}
	return string(p), string(c), true
}
