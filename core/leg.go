package core

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"time"
)

// leg is what a State carries from one leg of a dialogue to the next, so that
// the server need not remember anything.
type leg struct {
	Method  method
	Charged bool  // a code-shaped tail was charged; given back on Accept
	Tries   uint8 // wrong codes left before the dialogue ends
	Expires time.Time
	Client  [8]byte // of the client the dialogue belongs to
	ID      AccountID
	Nonce   [16]byte // spent in the store by the answer
	Doom    Reason   // the dialogue is lost already, and this is why
	First   string   // the first of two consecutive codes
	Seed    []byte   // legEnrol: the key shown
	Proof   []byte   // legEnrol: hash of the invitation to be used up
	Pass    string   // legDeferred: the password
}

// method is what the answer to a challenge is judged by. The zero value is no
// dialogue: a first leg.
type method uint8

const (
	noLeg        method = iota
	legDeferred         // code first, then the bind
	legImmediate        // the password was right already
	legEnrol            // the password was right; the code confirms a new key
)

// errLeg: the octets are no leg of ours.
var errLeg = errors.New("not a state of this server")

// clientTag binds a leg to the client it was given to.
func clientTag(c *Client) (tag [8]byte) {
	sum := sha256.Sum256([]byte("twofold client\x00" + c.Name))
	return [8]byte(sum[:8])
}

// encode draws a leg as
//
//	method 1 | charged 1 | tries 1 | doom 2 | expires 8 | client 8 | id 32 | nonce 16
//	then first, seed, proof, password, each behind one octet of length, and zeros
//
// in big-endian order. All legs are of one length, so that a State does not
// tell how long a password is or that its dialogue is lost (I08). Sealed they
// have 243 octets: below the 253 that RFC 2865 section 5.24 allows.
func (l *leg) encode() []byte {
	b := make([]byte, 0, legSize)
	b = append(b, byte(l.Method), flag(l.Charged), l.Tries)
	b = binary.BigEndian.AppendUint16(b, uint16(l.Doom))
	b = binary.BigEndian.AppendUint64(b, uint64(l.Expires.UnixMilli()))
	b = append(b, l.Client[:]...)
	b = append(b, l.ID[:]...)
	b = append(b, l.Nonce[:]...)
	for _, field := range [][]byte{[]byte(l.First), l.Seed, l.Proof, []byte(l.Pass)} {
		b = append(append(b, byte(len(field))), field...)
	}
	return append(b, make([]byte, max(legSize-len(b), 0))...)
}

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// legFixed is the length of a leg before its fields.
const legFixed = 3 + 2 + 8 + 8 + 32 + 16

// legSize is the length of every leg: room for the first of two codes and the
// longest password, which an enrolment's key and proof need not have beside them.
const legSize = legFixed + 4 + maxFirst + MaxPassword

// maxFirst is the longest code that can be the first of two.
const maxFirst = 10

func decodeLeg(b []byte) (l leg, err error) {
	if len(b) != legSize || b[0] == byte(noLeg) || b[0] > byte(legEnrol) {
		return leg{}, errLeg
	}
	l = leg{Method: method(b[0]), Charged: b[1] == 1, Tries: b[2]}
	l.Doom = Reason(binary.BigEndian.Uint16(b[3:]))
	l.Expires = time.UnixMilli(int64(binary.BigEndian.Uint64(b[5:])))
	l.Client, l.ID, l.Nonce = [8]byte(b[13:]), AccountID(b[21:53]), [16]byte(b[53:69])
	var fields [4][]byte
	rest := b[legFixed:]
	for i := range fields {
		if len(rest) == 0 || len(rest) < 1+int(rest[0]) {
			return leg{}, errLeg
		}
		fields[i], rest = rest[1:1+rest[0]], rest[1+rest[0]:]
	}
	if len(bytes.Trim(rest, "\x00")) != 0 {
		return leg{}, errLeg
	}
	l.First, l.Seed, l.Proof, l.Pass = string(fields[0]), fields[1], fields[2], string(fields[3])
	return l, nil
}
