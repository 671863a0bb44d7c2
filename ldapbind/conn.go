package ldapbind

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"twofold/ldapbind/wire"
)

// bufferSize holds a usual answer whole, so that one read system call brings it.
const bufferSize = 4096

// conn is one connection. It carries one request at a time: Bind demands it
// (RFC 4511 section 4.2.1), and searches have a pool of their own.
type conn struct {
	net.Conn // what is read and written: TLS, where there is TLS
	socket   syscall.RawConn
	reader   *bufio.Reader
	out, in  []byte
	id       int
	broken   bool // an answer is missing or was not understood: never use it again
	idleFrom time.Time
	lost     error // what closing it said; nobody is left to mind

	peek  func(fd uintptr) bool // made once, so that alive allocates nothing
	alert bool
}

// dialer opens connections to one server.
type dialer struct {
	target
	tlsConfig *tls.Config
	connect   time.Duration
}

// dial connects, within the connect timeout, TLS included. There is no way
// from a failed TLS handshake to clear text.
func (d *dialer) dial(ctx context.Context) (*conn, error) {
	ctx, cancel := context.WithTimeout(ctx, d.connect)
	defer cancel()
	raw, err := new(net.Dialer).DialContext(ctx, "tcp", d.address)
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	c, err := d.secure(ctx, raw)
	if err == nil {
		return c, nil
	}
	if closing := raw.Close(); !errors.Is(closing, net.ErrClosed) { // a failed handshake has closed it
		err = errors.Join(err, closing)
	}
	return nil, err
}

func (d *dialer) secure(ctx context.Context, raw net.Conn) (*conn, error) {
	socket, err := raw.(syscall.Conn).SyscallConn()
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	c := &conn{Conn: raw, socket: socket, reader: bufio.NewReaderSize(raw, bufferSize)}
	c.peek = c.lookAhead
	if d.startTLS {
		if err := c.startTLS(ctx); err != nil {
			return nil, err
		}
	}
	if d.tls || d.startTLS {
		return c, c.handshake(ctx, d.tlsConfig)
	}
	return c, nil
}

// startTLS asks to go on in TLS. What the server sends before the handshake
// must not be taken for an answer given within it (RFC 4511 section 4.14.1).
func (c *conn) startTLS(ctx context.Context) error {
	deadline, _ := ctx.Deadline()
	answer, _, err := c.exchange(ctx, deadline, wire.AppendStartTLS(c.out[:0], c.nextID()))
	if err != nil {
		return fmt.Errorf("asking for StartTLS: %w", err)
	}
	result, err := answer.Result()
	switch {
	case err != nil:
		return fmt.Errorf("asking for StartTLS: %w", err)
	case result.Code != 0:
		return fmt.Errorf("asking for StartTLS: %w", result)
	case c.reader.Buffered() > 0:
		return errors.New("asking for StartTLS: the server sent more than its answer")
	}
	return nil
}

func (c *conn) handshake(ctx context.Context, config *tls.Config) error {
	secured := tls.Client(c.Conn, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		return fmt.Errorf("agreeing on TLS: %w", err)
	}
	c.Conn = secured
	c.reader.Reset(secured)
	return nil
}

func (c *conn) nextID() int {
	c.id = c.id%(1<<30) + 1
	return c.id
}

// alive tells whether the server has left an idle connection open and silent.
// It looks at the socket without waiting, so that a bind is not written into
// a connection that was closed while nobody used it.
func (c *conn) alive() bool {
	if c.broken || c.reader.Buffered() > 0 || c.SetDeadline(time.Time{}) != nil {
		return false
	}
	c.alert = true
	if err := c.socket.Read(c.peek); err != nil {
		return false
	}
	return !c.alert
}

// lookAhead sees end, error or unasked octets: all of them end a connection.
func (c *conn) lookAhead(fd uintptr) bool {
	var one [1]byte
	_, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	c.alert = !errors.Is(err, syscall.EAGAIN)
	return true
}
