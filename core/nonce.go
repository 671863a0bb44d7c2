package core

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// nonce is a challenge that was answered. It is kept until it would have
// expired anyway.
type nonce struct {
	Expires time.Time
	Value   [16]byte
}

func (n *nonce) Kind() Kind { return kindNonce }
func (n *nonce) Key() string {
	return string(binary.BigEndian.AppendUint64(nil, uint64(n.Expires.Unix()))) + string(n.Value[:])
}
func (n *nonce) MarshalBinary() ([]byte, error) { return []byte{1}, nil }
func (n *nonce) UnmarshalBinary([]byte) error   { return nil }

// spend uses up the nonce of an answered challenge, and tells whether that
// had happened before.
func (w *work) spend(l leg) (used bool, err error) {
	if l.Method == noLeg {
		return false, nil
	}
	n := nonce{Expires: l.Expires, Value: l.Nonce}
	switch err := w.Get(&n); {
	case err == nil:
		return true, nil
	case !errors.Is(err, ErrMissing):
		return false, fmt.Errorf("reading a nonce: %w", err)
	}
	w.Put(&n)
	return false, nil
}
