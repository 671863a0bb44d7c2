package ldapbind

import (
	"errors"
	"net"
	"sync/atomic"
	"syscall"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
)

// How large and how deep one message may be. An entry with thousands of groups
// is well below the first; a search result needs six of the second, a filter
// some more. The library's own bounds are 2 GiB and 1000, of which a few
// octets from a server could claim a process's memory.
const (
	maxMessage = 4 << 20
	maxNesting = 64
)

// init sets the bounds: the BER library keeps them for the whole process, and
// reads them without a lock.
func init() {
	ber.MaxPacketLengthBytes = maxMessage
	ber.MaxNestingDepth = maxNesting
}

// stream is what go-ldap reads from and writes to. It bounds every write, which
// the library does not, and counts the octets that left.
type stream struct {
	net.Conn // TLS, where there is TLS
	raw      net.Conn
	patience time.Duration // of one write
	written  atomic.Int64
}

// Write counts what the server may have seen. A TLS record counts only when it
// is whole: part of one cannot be read.
func (s *stream) Write(b []byte) (int, error) {
	if err := s.SetWriteDeadline(time.Now().Add(s.patience)); err != nil {
		return 0, err
	}
	n, err := s.Conn.Write(b)
	s.written.Add(int64(n))
	return n, err
}

// silent looks at the socket without waiting, so that a bind is not written
// into a connection that the server has closed while nobody used it: its end
// may be there before go-ldap has been woken to read it.
func (s *stream) silent() bool {
	socket, ok := s.raw.(syscall.Conn)
	if !ok {
		return true
	}
	control, err := socket.SyscallConn()
	if err != nil {
		return false
	}
	var one [1]byte
	var peeked error
	err = control.Control(func(fd uintptr) {
		_, _, peeked = syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	})
	return err == nil && errors.Is(peeked, syscall.EAGAIN)
}
