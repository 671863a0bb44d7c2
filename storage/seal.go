package storage

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"hash"
	"hash/maphash"
	"sync"
	"sync/atomic"

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
	macs sync.Pool // of HMAC under prk
	id   [4]byte
	seed maphash.Seed
	kept [512]atomic.Pointer[recordKey] // direct-mapped: a login reads and writes the same few
}

// recordKey is what one record is sealed with.
type recordKey struct {
	storageKey string
	aead       cipher.AEAD
	associated []byte
}

func newSealer(master *[32]byte) (*sealer, error) {
	prk, err := hkdf.Extract(sha256.New, master[:], []byte("twofold storage 1"))
	if err != nil {
		return nil, fmt.Errorf("deriving keys: %w", err)
	}
	s := &sealer{prk: prk, seed: maphash.MakeSeed()}
	s.macs.New = func() any { return hmac.New(sha256.New, s.prk) }
	id := s.derive("key id")
	copy(s.id[:], id[:])
	return s, nil
}

// derive is HKDF-Expand (RFC 5869 §2.3) for 32 octets, its first block, with
// an HMAC that is used again.
func (s *sealer) derive(info string) (key [32]byte) {
	mac := s.macs.Get().(hash.Hash)
	defer s.macs.Put(mac)
	mac.Reset()
	mac.Write([]byte(info))
	mac.Write([]byte{1})
	mac.Sum(key[:0])
	return key
}

func (s *sealer) recordKey(storageKey string) (*recordKey, error) {
	key := s.derive("record\x00" + storageKey)
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, fmt.Errorf("deriving keys: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("deriving keys: %w", err)
	}
	associated := make([]byte, 0, sealPrefix+len(storageKey))
	associated = append(append(associated, sealFormat), s.id[:]...)
	return &recordKey{storageKey, aead, append(associated, storageKey...)}, nil
}

// keptKey is recordKey with a small memory of what was read. What is written
// and never read, as events are, does not crowd it.
func (s *sealer) keptKey(storageKey string) (*recordKey, error) {
	slot := s.slot(storageKey)
	if k := slot.Load(); k != nil && k.storageKey == storageKey {
		return k, nil
	}
	k, err := s.recordKey(storageKey)
	if err == nil {
		slot.Store(k)
	}
	return k, err
}

func (s *sealer) slot(storageKey string) *atomic.Pointer[recordKey] {
	return &s.kept[maphash.String(s.seed, storageKey)%uint64(len(s.kept))]
}

// writeKey is keptKey for writing.
func (s *sealer) writeKey(storageKey string) (*recordKey, error) {
	if k := s.slot(storageKey).Load(); k != nil && k.storageKey == storageKey {
		return k, nil
	}
	return s.recordKey(storageKey)
}

func (s *sealer) seal(storageKey string, plain []byte) ([]byte, error) {
	k, err := s.writeKey(storageKey)
	if err != nil {
		return nil, err
	}
	out := make([]byte, sealHeader, sealOverhead+len(plain))
	copy(out, k.associated[:sealPrefix])
	if _, err := rand.Read(out[sealPrefix:sealHeader]); err != nil {
		return nil, fmt.Errorf("drawing a nonce: %w", err)
	}
	return k.aead.Seal(out, out[sealPrefix:sealHeader], plain, k.associated), nil
}

// open takes the record's key from get. It fails with an error that wraps
// core.ErrDamaged.
func (s *sealer) open(storageKey string, sealed []byte, get func(string) (*recordKey, error)) ([]byte, error) {
	if err := s.checkHeader(sealed); err != nil {
		return nil, err
	}
	k, err := get(storageKey)
	if err != nil {
		return nil, err
	}
	plain, err := k.aead.Open(nil, sealed[sealPrefix:sealHeader], sealed[sealHeader:], k.associated)
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
