package radius

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"hash"
	"log/slog"
	"sync"
)

// Secret is a secret shared with a client. No formatter prints it.
type Secret struct {
	octets []byte
	macs   sync.Pool // of *mac, keyed once
}

// NewSecret copies octets.
func NewSecret(octets []byte) *Secret {
	s := &Secret{octets: bytes.Clone(octets)}
	s.macs.New = func() any { return &mac{Hash: hmac.New(md5.New, s.octets)} }
	return s
}

const hidden = "(secret)"

// String hides the secret.
func (*Secret) String() string { return hidden }

// GoString hides the secret.
func (*Secret) GoString() string { return hidden }

// LogValue hides the secret.
func (*Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

func (s *Secret) isEmpty() bool { return s == nil || len(s.octets) == 0 }

type mac struct {
	hash.Hash
	sum [md5.Size]byte
}

var noMAC [md5.Size]byte

// authenticate computes the Message-Authenticator of a packet into sum, as if
// the one whose value stands at offset at were zero (RFC 3579 section 3.2).
func (s *Secret) authenticate(sum *[md5.Size]byte, packet []byte, at int) {
	m := s.macs.Get().(*mac)
	defer s.macs.Put(m)
	m.Reset()
	m.Write(packet[:at])
	m.Write(noMAC[:])
	m.Write(packet[at+md5.Size:])
	m.Sum(m.sum[:0])
	*sum = m.sum
}

// vouches tells whether the Message-Authenticator at offset at was made with s.
func (s *Secret) vouches(packet []byte, at int) bool {
	var want [md5.Size]byte
	s.authenticate(&want, packet, at)
	return hmac.Equal(want[:], packet[at:at+md5.Size])
}

// unhide decrypts a User-Password in blocks of 16 (RFC 2865 section 5.2) into
// clear, which it returns extended. The length is checked by the caller.
func (s *Secret) unhide(clear, hidden, authenticator []byte) []byte {
	keyed := make([]byte, 0, 128)
	previous := authenticator
	for ; len(hidden) > 0; hidden = hidden[md5.Size:] {
		keyed = append(append(keyed[:0], s.octets...), previous...)
		pad := md5.Sum(keyed)
		for i := range pad {
			clear = append(clear, pad[i]^hidden[i])
		}
		previous = hidden[:md5.Size]
	}
	return clear
}
