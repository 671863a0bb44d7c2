package core

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
	"time"
)

// apiKey is a stored key. Its secret has 256 random bits, so one round of
// SHA-256 hides it.
type apiKey struct {
	ID      string    `cbor:"-"`
	Hash    []byte    `cbor:"1,keyasint"`
	Role    Role      `cbor:"2,keyasint"`
	Note    string    `cbor:"3,keyasint,omitempty"`
	Created time.Time `cbor:"4,keyasint"`
	By      string    `cbor:"5,keyasint"`
	Used    time.Time `cbor:"6,keyasint"`
}

func (k *apiKey) Kind() Kind  { return kindKey }
func (k *apiKey) Key() string { return k.ID }
func (k *apiKey) MarshalBinary() ([]byte, error) {
	type plain apiKey
	return encoder.Marshal((*plain)(k))
}
func (k *apiKey) UnmarshalBinary(b []byte) error {
	type plain apiKey
	return decoder.Unmarshal(b, (*plain)(k))
}

func (k *apiKey) view() APIKey {
	return APIKey{ID: k.ID, Role: k.Role, Note: k.Note, Created: k.Created, CreatedBy: k.By, LastUsed: k.Used}
}

// A key is "tf_<id>_<secret>": the prefix lets people and scanners for leaked
// secrets recognise one, the id finds its record.
const (
	keyPrefix    = "tf_"
	idLength     = 8
	secretLength = 43 // 256 bits in base 62
)

// hashKey is how a whole key is stored and compared.
func hashKey(secret string) []byte {
	sum := sha256.Sum256([]byte("twofold api key\x00" + secret))
	return sum[:]
}

// newKey draws an id and a whole key.
func newKey(rand io.Reader) (id, secret string, err error) {
	octets := make([]byte, 4+32)
	if _, err := io.ReadFull(rand, octets); err != nil {
		return "", "", fmt.Errorf("drawing an API key: %w", err)
	}
	id = hex.EncodeToString(octets[:4])
	text := new(big.Int).SetBytes(octets[4:]).Text(62)
	return id, keyPrefix + id + "_" + strings.Repeat("0", secretLength-len(text)) + text, nil
}

// keyID takes the id out of a secret.
func keyID(secret string) (id string, ok bool) {
	rest, ok := strings.CutPrefix(secret, keyPrefix)
	id, tail, found := strings.Cut(rest, "_")
	return id, ok && found && len(id) == idLength && len(tail) == secretLength
}

// peek reads one record as of some moment just past, without a place in the
// order of transactions. The record's key must not be empty.
func (s *Service) peek(ctx context.Context, r Record) error {
	found := ErrMissing
	err := s.store.Scan(ctx, r.Kind(), before(r.Key()), func(key string, load func(Record) error) bool {
		if key == r.Key() {
			found = load(r)
		}
		return false
	})
	return errors.Join(err, found)
}

// before is the greatest key of the same length below key, so that a scan
// after it begins with key.
func before(key string) string {
	octets := []byte(key)
	for i := len(octets) - 1; i >= 0; i-- {
		octets[i]--
		if octets[i] != 0xff {
			break
		}
	}
	return string(octets)
}
