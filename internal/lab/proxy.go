package lab

import (
	"net"
	"sync"
	"testing"
	"time"
)

// Mode is what a Proxy does with the connections through it.
type Mode int

const (
	Pass        Mode = iota // carry both ways
	Blackhole               // accept, read, answer nothing: a DC that hangs
	DropReplies             // carry to the server, swallow its answers: it acted, nobody knows
	Reset                   // cut with RST, old and new connections: a DC that crashed
	HalfClose               // end the server's side with FIN and swallow what the client says
	Refuse                  // close the listener: connection refused. Open ones are cut
)

// Proxy is a TCP proxy before a server, for breaking what passes. It listens
// on a free port of 127.0.0.1 and ends with the test.
type Proxy struct {
	addr   string
	target string

	mu       sync.Mutex
	mode     Mode
	changed  chan struct{} // closed and replaced by every Set
	delay    time.Duration
	listener net.Listener
	open     map[*net.TCPConn]*net.TCPConn // client → server, nil where there is none
	count    Count
	work     sync.WaitGroup
}

// Count is what has passed through a Proxy.
type Count struct {
	Accepted int   // connections
	Open     int   // of them, now
	Up, Down int64 // octets carried to the server and back
}

// NewProxy starts a proxy in mode Pass before target, a host:port.
func NewProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	p := &Proxy{addr: "127.0.0.1:0", target: target, changed: make(chan struct{}), open: map[*net.TCPConn]*net.TCPConn{}}
	if err := p.listen(); err != nil {
		t.Fatalf("starting a proxy: %v", err)
	}
	t.Cleanup(p.close)
	return p
}

// Addr is its own host:port.
func (p *Proxy) Addr() string { return p.addr }

// Set changes the mode, for open connections too. Leaving
// Blackhole, DropReplies or HalfClose cuts the connections that suffered it,
// since octets are missing.
func (p *Proxy) Set(t testing.TB, m Mode) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.mode
	p.mode = m
	close(p.changed)
	p.changed = make(chan struct{})
	if m == Reset || m == Refuse || (m != was && was.swallows()) {
		p.cut()
	}
	if m == HalfClose {
		p.halfClose()
	}
	if m == Refuse && p.listener != nil {
		if err := p.listener.Close(); err != nil {
			t.Errorf("closing a proxy's listener: %v", err)
		}
		p.listener = nil
	}
	if m != Refuse && p.listener == nil {
		if err := p.listen(); err != nil {
			t.Fatalf("opening a proxy's listener again: %v", err)
		}
	}
}

func (m Mode) swallows() bool { return m == Blackhole || m == DropReplies || m == HalfClose }

// Delay holds back every octet, both ways, for d; 0 ends it.
func (p *Proxy) Delay(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = d
}

// Cut resets the open connections and leaves the mode: a firewall that forgot
// its sessions.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut()
}

// Count tells what has passed so far.
func (p *Proxy) Count() Count {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.count
	c.Open = len(p.open)
	return c
}
