package badger

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"math/bits"

	"github.com/cespare/xxhash/v2"

	"twofold/storage"
)

// note is what meta (a record of the database) and guard (a file beside it)
// say about the store:
//
//	 0       4        5        9         25       33      41    57    73
//	+-------+--------+--------+----------+--------+-------+-----+-----+
//	| magic | format | key id | store id | number | count | sum | mac |
//	+-------+--------+--------+----------+--------+-------+-----+-----+
//
// Integers are big-endian. The mac is HMAC-SHA256 under the engine's secret,
// cut to 16 octets, over its purpose ("meta" or "guard") and all before it.
type note struct {
	id     [16]byte
	number uint64 // of the newest group
	count  uint64 // live records
	sum    sum
}

const (
	noteFormat = 1
	noteBody   = 57
	noteSize   = noteBody + 16
)

var (
	magic = []byte("2FLD")

	errNoNote  = errors.New("no note")
	errForged  = errors.New("note does not authenticate")
	errNewer   = storage.ErrNewer
	errKeyID   = storage.ErrWrongKey
	metaRecord = "\x00engine"
)

// keeper encodes, decodes and sums under one secret. It serves one goroutine.
type keeper struct {
	id   [4]byte
	mac  hash.Hash
	text []byte
	buf  [32]byte
}

func newKeeper(c storage.EngineConfig) *keeper {
	return &keeper{id: c.KeyID, mac: hmac.New(sha256.New, c.Secret[:])}
}

func (k *keeper) encode(purpose string, n note) []byte {
	b := make([]byte, 0, noteSize)
	b = append(b, magic...)
	b = append(b, noteFormat)
	b = append(b, k.id[:]...)
	b = append(b, n.id[:]...)
	b = binary.BigEndian.AppendUint64(b, n.number)
	b = binary.BigEndian.AppendUint64(b, n.count)
	b = binary.BigEndian.AppendUint64(b, n.sum[0])
	b = binary.BigEndian.AppendUint64(b, n.sum[1])
	return append(b, k.sign(purpose, b)...)
}

func (k *keeper) sign(purpose string, b []byte) []byte {
	k.mac.Reset()
	k.mac.Write([]byte(purpose))
	k.mac.Write(b)
	return k.mac.Sum(k.buf[:0])[:16]
}

func (k *keeper) decode(purpose string, b []byte) (n note, err error) {
	switch {
	case len(b) < noteSize || !bytes.Equal(b[:4], magic):
		return note{}, errNoNote
	case b[4] > noteFormat:
		return note{}, errNewer
	case [4]byte(b[5:9]) != k.id:
		return note{}, errKeyID
	case !hmac.Equal(k.sign(purpose, b[:noteBody]), b[noteBody:noteSize]):
		return note{}, errForged
	}
	copy(n.id[:], b[9:25])
	n.number = binary.BigEndian.Uint64(b[25:])
	n.count = binary.BigEndian.Uint64(b[33:])
	n.sum = sum{binary.BigEndian.Uint64(b[41:]), binary.BigEndian.Uint64(b[49:])}
	return n, nil
}

// sum is the sum modulo 2^128 of the prints of all live records. It is the
// same in whatever order they came, changes with every record that is missing,
// old or extra, and can be kept up to date record by record.
type sum [2]uint64

func (s sum) add(p sum) sum {
	low, carry := bits.Add64(s[1], p[1], 0)
	high, _ := bits.Add64(s[0], p[0], carry)
	return sum{high, low}
}

func (s sum) sub(p sum) sum {
	low, borrow := bits.Sub64(s[1], p[1], 0)
	high, _ := bits.Sub64(s[0], p[0], borrow)
	return sum{high, low}
}

// print of a record. The value itself is authenticated a layer above; its
// hash tells one version of it from another.
func (k *keeper) print(key string, value []byte) sum {
	k.text = append(k.text[:0], "record"...)
	k.text = binary.BigEndian.AppendUint64(k.text, xxhash.Sum64(value))
	k.text = append(k.text, key...)
	k.mac.Reset()
	k.mac.Write(k.text)
	b := k.mac.Sum(k.buf[:0])
	return sum{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])}
}
