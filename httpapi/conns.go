package httpapi

import (
	"fmt"
	"net"
	"net/netip"
	"sync"
)

// Bounds of connections over TCP (I12): in all, and of one source, so that one
// that opens many and says nothing leaves room for the others.
const (
	maxConns       = 2048
	maxConnsSource = 256
)

// boundedListener hangs up on connections that are too many.
type boundedListener struct {
	net.Listener
	trusted func(netip.Addr) bool // sources with no bound of their own: proxies

	mu      sync.Mutex
	all     int
	sources map[netip.Prefix]int
}

func newBoundedListener(l net.Listener, trusted func(netip.Addr) bool) *boundedListener {
	return &boundedListener{Listener: l, trusted: trusted, sources: map[netip.Prefix]int{}}
}

// Accept waits for the next connection there is room for.
func (l *boundedListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from := address(conn.RemoteAddr().String())
		if l.enter(from) {
			return &boundedConn{conn, sync.OnceFunc(func() { l.leave(from) })}, nil
		}
		if err := conn.Close(); err != nil {
			return nil, fmt.Errorf("hanging up: %w", err)
		}
	}
}

func (l *boundedListener) enter(from netip.Addr) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	source := sourceOf(from)
	if l.all >= maxConns || l.sources[source] >= maxConnsSource && !l.trusted(from) {
		return false
	}
	l.all++
	l.sources[source]++
	return true
}

func (l *boundedListener) leave(from netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	source := sourceOf(from)
	l.all--
	if l.sources[source]--; l.sources[source] == 0 {
		delete(l.sources, source)
	}
}

// sourceOf is an IPv4 address, or an IPv6 network of 64 bits: whoever has one
// address of it has them all.
func sourceOf(from netip.Addr) netip.Prefix {
	bits := 64
	if from.Is4() {
		bits = 32
	}
	p, err := from.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

// boundedConn gives its place back.
type boundedConn struct {
	net.Conn
	leave func()
}

// Close ends the connection.
func (c *boundedConn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
