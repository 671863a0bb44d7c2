package core

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
	"io"
	"sync"
	"time"
)

// stateKeys seals the State of challenges with AES-256-GCM under keys that
// live in memory only: a password waiting between two legs is in nobody's
// store (I10), and a restart makes every State given out invalid. The key
// changes every keyLife; the one before is kept, so that a State lives at
// least that long.
type stateKeys struct {
	rand io.Reader

	mu       sync.Mutex
	born     time.Time
	number   uint32 // of the current key; sent with each State
	now, was cipher.AEAD
}

// keyLife is also the longest time a challenge may be given to be answered.
const keyLife = 5 * time.Minute

// MaxState is the longest State, in octets (RFC 2865 section 5.24).
const MaxState = 253

// seal encodes and seals a leg as: key number 4 | nonce 12 | sealed leg.
func (k *stateKeys) seal(l leg, now time.Time) ([]byte, error) {
	number, aead, err := k.current(now)
	if err != nil {
		return nil, err
	}
	state := make([]byte, 16, MaxState)
	binary.BigEndian.PutUint32(state, number)
	if _, err := io.ReadFull(k.rand, state[4:16]); err != nil {
		return nil, fmt.Errorf("drawing a nonce: %w", err)
	}
	state = aead.Seal(state, state[4:16], l.encode(), state[:4])
	if len(state) > MaxState {
		return nil, fmt.Errorf("state of %d octets is longer than %d", len(state), MaxState)
	}
	return state, nil
}

// open undoes seal. Any State that this process did not make, or made too
// long ago, is errLeg.
func (k *stateKeys) open(state []byte) (leg, error) {
	if len(state) < 16 || len(state) > MaxState {
		return leg{}, errLeg
	}
	aead := k.byNumber(binary.BigEndian.Uint32(state))
	if aead == nil {
		return leg{}, errLeg
	}
	plain, err := aead.Open(nil, state[4:16], state[16:], state[:4])
	if err != nil {
		return leg{}, errLeg
	}
	return decodeLeg(plain)
}

// current gives the key to seal with, a new one where the old has had its time.
func (k *stateKeys) current(now time.Time) (uint32, cipher.AEAD, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if age := now.Sub(k.born); k.now != nil && age >= 0 && age < keyLife {
		return k.number, k.now, nil
	}
	fresh, err := newAEAD(k.rand)
	if err != nil {
		return 0, nil, err
	}
	k.was, k.now, k.born, k.number = k.now, fresh, now, k.number+1
	return k.number, k.now, nil
}

func (k *stateKeys) byNumber(number uint32) cipher.AEAD {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch number {
	case k.number:
		return k.now
	case k.number - 1:
		return k.was
	}
	return nil
}

func newAEAD(rand io.Reader) (cipher.AEAD, error) {
	key := make([]byte, 32)
	if _, err := io.ReadFull(rand, key); err != nil {
		return nil, fmt.Errorf("drawing a key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("making a cipher: %w", err)
	}
	return cipher.NewGCM(block)
}
