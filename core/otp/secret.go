package otp

import (
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"strings"
)

// The lengths of secrets, in octets. New ones have the 160 bits that RFC 4226
// section 4 (R6) recommends. Imported ones may be as short as the 80 bits that
// much software made; below the 128 bits R6 demands they are Weak.
const (
	SecretSize    = 20
	MinSecretSize = 10
	MaxSecretSize = 128
	weakBelow     = 16
)

// NewSecret reads a secret from rand, which must be a source fit for keys.
func NewSecret(rand io.Reader) ([]byte, error) {
	secret := make([]byte, SecretSize)
	if _, err := io.ReadFull(rand, secret); err != nil {
		return nil, fmt.Errorf("making a secret: %w", err)
	}
	return secret, nil
}

// ParseSecret reads a secret in base32 as people and programs write it: in
// either case, with or without padding, in groups parted by spaces or hyphens.
func ParseSecret(s string) ([]byte, error) {
	text := strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(s))
	text = strings.TrimRight(text, "=")
	if strings.ContainsAny(text, "\r\n") || cutShort(text) { // the decoder would pass over both
		return nil, errNotBase32
	}
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(text)
	if err != nil {
		return nil, errNotBase32 // not err: it would tell of the secret
	}
	if err := checkSecret(secret); err != nil {
		return nil, err
	}
	return secret, nil
}

var errNotBase32 = errors.New("secret is not base32 (letters A to Z and digits 2 to 7), or is cut short")

// cutShort tells whether the last group of text has a length that no number of
// octets has (RFC 4648 section 6): a letter was lost or added.
func cutShort(text string) bool {
	rest := len(text) % 8
	return rest == 1 || rest == 3 || rest == 6
}

func checkSecret(secret []byte) error {
	if n := len(secret); n < MinSecretSize || n > MaxSecretSize {
		return fmt.Errorf("secret has %d bits, not between %d and %d", 8*n, 8*MinSecretSize, 8*MaxSecretSize)
	}
	return nil
}

// FormatKey writes a secret for somebody who has to type it: base32 in groups
// of four, without padding.
func FormatKey(secret []byte) string {
	text := encode(secret)
	var b strings.Builder
	for len(text) > 4 {
		b.WriteString(text[:4] + " ")
		text = text[4:]
	}
	b.WriteString(text)
	return b.String()
}
