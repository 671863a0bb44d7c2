package core

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"twofold/core/otp"
)

// maxTokens bounds the tokens of one account (I12).
const maxTokens = 8

// newTokenID draws an id: it names the token in events and lists, and is no
// secret.
func newTokenID(rand io.Reader) (string, error) {
	var octets [6]byte
	if _, err := io.ReadFull(rand, octets[:]); err != nil {
		return "", fmt.Errorf("drawing a token's id: %w", err)
	}
	return hex.EncodeToString(octets[:]), nil
}

// seed remembers who holds a secret, for ever: two tokens with one secret
// would accept one code twice (I03). Of a removed token it keeps how far its
// codes were used up, so that the same account may have it back.
type seed struct {
	Digest  []byte       `cbor:"-"`
	Account []byte       `cbor:"1,keyasint"`
	Removed *seedRemoved `cbor:"2,keyasint,omitempty"`
}

type seedRemoved struct {
	Params otp.Params `cbor:"1,keyasint"`
	Last   uint64     `cbor:"2,keyasint"`
}

func (x *seed) Kind() Kind                     { return kindSeed }
func (x *seed) Key() string                    { return string(x.Digest) }
func (x *seed) MarshalBinary() ([]byte, error) { type plain seed; return encoder.Marshal((*plain)(x)) }
func (x *seed) UnmarshalBinary(b []byte) error {
	type plain seed
	return decoder.Unmarshal(b, (*plain)(x))
}

// seedDigest is the same for all secrets that make the same codes: HMAC fills
// a short key with zeros and hashes one longer than its block (RFC 2104
// section 2), so "x" and "x\0" are one seed.
func seedDigest(secret []byte, algorithm otp.Algorithm) []byte {
	block := 64
	if algorithm == otp.SHA512 {
		block = 128
	}
	if len(secret) > block {
		secret = hmacKey(secret, algorithm)
	}
	sum := sha256.New()
	sum.Write([]byte("twofold seed\x00"))
	sum.Write(bytes.TrimRight(secret, "\x00"))
	return sum.Sum(nil)
}

func hmacKey(secret []byte, algorithm otp.Algorithm) []byte {
	switch algorithm {
	case otp.SHA256:
		sum := sha256.Sum256(secret)
		return sum[:]
	case otp.SHA512:
		sum := sha512.Sum512(secret)
		return sum[:]
	default:
		sum := sha1.Sum(secret)
		return sum[:]
	}
}

// addToken gives a an active token, unless its secret was ever given out
// before: to anybody else, or to a and still in use.
func (w *work) addToken(a *Account, t Token) error {
	if len(a.Tokens) >= maxTokens {
		return fmt.Errorf("has %d tokens already, as many as one may have: %w", len(a.Tokens), ErrConflict)
	}
	x := seed{Digest: seedDigest(t.Secret, t.Params.Algorithm)}
	switch err := w.Get(&x); {
	case errors.Is(err, ErrMissing):
	case err != nil:
		return fmt.Errorf("looking up the seed: %w", err)
	default:
		used, err := x.resume(a.ID, t.Params)
		if err != nil {
			return err
		}
		t.Last = max(t.Last, used)
	}
	x.Account, x.Removed = a.ID[:], nil
	w.Put(&x)
	a.Tokens = append(a.Tokens, t)
	a.Standing = Enrolled
	return nil
}

// resume tells the last step used up of a removed token that comes back.
func (x *seed) resume(id AccountID, p otp.Params) (uint64, error) {
	if !bytes.Equal(x.Account, id[:]) {
		return 0, fmt.Errorf("its seed belongs to another account: %w", ErrConflict)
	}
	if x.Removed == nil {
		return 0, fmt.Errorf("has a token with this seed already: %w", ErrConflict)
	}
	old := x.Removed.Params
	if old.Algorithm != p.Algorithm || old.Digits != p.Digits || old.Period != p.Period {
		return 0, fmt.Errorf("had a token with this seed and other parameters: %w", ErrConflict)
	}
	return x.Removed.Last, nil
}

// dropTokens removes all tokens of a, and remembers how far they were used.
func (w *work) dropTokens(a *Account) error {
	for _, t := range a.Tokens {
		x := seed{Digest: seedDigest(t.Secret, t.Params.Algorithm)}
		if err := w.Get(&x); err != nil && !errors.Is(err, ErrMissing) && !errors.Is(err, ErrDamaged) {
			return fmt.Errorf("looking up the seed of token %s: %w", t.ID, err)
		}
		x.Account, x.Removed = a.ID[:], &seedRemoved{t.Params, a.usedUp(t)}
		w.Put(&x)
	}
	a.Tokens, a.Standing = nil, Pending
	return nil
}

// usedUp is the highest step of t that is consumed, or held by an attempt
// under way that may still consume it.
func (a *Account) usedUp(t Token) uint64 {
	last := t.Last
	for _, h := range a.Holds {
		if h.Token == t.ID {
			last = max(last, h.Step)
		}
	}
	return last
}

// newToken makes an active token of the site's own kind.
func (s *Service) newToken(label string, now time.Time) (Token, error) {
	secret, err := otp.NewSecret(s.rand)
	if err != nil {
		return Token{}, err
	}
	id, err := newTokenID(s.rand)
	if err != nil {
		return Token{}, err
	}
	return Token{ID: id, Label: label, Secret: secret, Params: s.current().rules.OTP, Created: now}, nil
}
