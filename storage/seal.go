package storage

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"hash/maphash"
	"sync"

	"twofold/core"
)

// A sealed record:
//
//	 0        1        5       17                       n-16    n
//	+--------+--------+-------+------------------------+-------+
//	| format | key id | nonce |  AES-256-GCM ciphertext |  tag  |
//	+--------+--------+-------+------------------------+-------+
//
// format is 1. The key id is derived from the master key and tells which one
// it was. The nonce is random. Each record has its own key:
//
//	prk = HKDF-Extract(SHA-256, master key, salt "twofold storage 1")
//	key = HKDF-Expand(prk, "record" 00 storage key)
//
// and the associated data is format, key id and storage key, so that a record
// opens nowhere but in its own place. The storage key is kind 00 key.
const (
	sealFormat   = 1
	sealPrefix   = 1 + 4
	sealNonce    = 12
	sealHeader   = sealPrefix + sealNonce
	sealOverhead = sealHeader + 16
)

// sealer seals and opens records.
type sealer struct {
	prk  []byte
	id   [4]byte
	seed maphash.Seed
	mu   sync.Mutex
	kept [256]keptAEAD // direct-mapped: a login reads and writes the same few
}

type keptAEAD struct {
	key  string
	aead cipher.AEAD
}

func newSealer(master *[32]byte) (*sealer, error) {
	prk, err := hkdf.Extract(sha256.New, master[:], []byte("twofold storage 1"))
	if err != nil {
		return nil, fmt.Errorf("deriving keys: %w", err)
	}
	s := &sealer{prk: prk, seed: maphash.MakeSeed()}
	id, err := s.derive("key id", len(s.id))
	copy(s.id[:], id)
	return s, err
}

func (s *sealer) derive(info string, n int) ([]byte, error) {
	key, err := hkdf.Expand(sha256.New, s.prk, info, n)
	if err != nil {
		return nil, fmt.Errorf("deriving keys: %w", err)
	}
	return key, nil
}

// engineSecret is what an engine authenticates its own notes with.
func (s *sealer) engineSecret() (secret [32]byte, err error) {
	key, err := s.derive("engine", len(secret))
	copy(secret[:], key)
	return secret, err
}

func (s *sealer) newAEAD(storageKey string) (cipher.AEAD, error) {
	key, err := s.derive("record\x00"+storageKey, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("deriving keys: %w", err)
	}
	return cipher.NewGCM(block)
}

// keptAEAD is newAEAD with a small memory.
func (s *sealer) keptAEAD(storageKey string) (cipher.AEAD, error) {
	slot := &s.kept[maphash.String(s.seed, storageKey)%uint64(len(s.kept))]
	s.mu.Lock()
	defer s.mu.Unlock()
	if slot.key == storageKey && slot.aead != nil {
		return slot.aead, nil
	}
	aead, err := s.newAEAD(storageKey)
	if err != nil {
		return nil, err
	}
	*slot = keptAEAD{storageKey, aead}
	return aead, nil
}

func (s *sealer) seal(storageKey string, plain []byte) ([]byte, error) {
	aead, err := s.keptAEAD(storageKey)
	if err != nil {
		return nil, err
	}
	out := make([]byte, sealHeader, sealOverhead+len(plain))
	out[0] = sealFormat
	copy(out[1:], s.id[:])
	if _, err := rand.Read(out[sealPrefix:sealHeader]); err != nil {
		return nil, fmt.Errorf("drawing a nonce: %w", err)
	}
	return aead.Seal(out, out[sealPrefix:sealHeader], plain, associated(out, storageKey)), nil
}

// open fails with an error that wraps core.ErrDamaged.
func (s *sealer) open(storageKey string, sealed []byte, get func(string) (cipher.AEAD, error)) ([]byte, error) {
	if err := s.checkHeader(sealed); err != nil {
		return nil, err
	}
	aead, err := get(storageKey)
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, sealed[sealPrefix:sealHeader], sealed[sealHeader:], associated(sealed, storageKey))
	if err != nil {
		return nil, fmt.Errorf("%w: it does not open", core.ErrDamaged)
	}
	return plain, nil
}

func (s *sealer) checkHeader(sealed []byte) error {
	switch {
	case len(sealed) > 0 && sealed[0] > sealFormat:
		return fmt.Errorf("%w: %w", core.ErrDamaged, ErrNewer)
	case len(sealed) < sealOverhead || sealed[0] != sealFormat:
		return fmt.Errorf("%w: it has no header", core.ErrDamaged)
	case [4]byte(sealed[1:sealPrefix]) != s.id:
		return fmt.Errorf("%w: %w", core.ErrDamaged, ErrWrongKey)
	}
	return nil
}

func associated(sealed []byte, storageKey string) []byte {
	data := make([]byte, 0, sealPrefix+MaxKind+1+MaxKey)
	return append(append(data, sealed[:sealPrefix]...), storageKey...)
}
