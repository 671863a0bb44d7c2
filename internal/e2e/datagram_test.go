//go:build integration

package e2e

import (
	"errors"
	"net"
	"os"
	"testing"
	"time"

	codec "layeh.com/radius"

	"twofold/radius/exchange"
)

// nas asks a server in packets of its own making, for what radclient cannot:
// many at once, and the same octets again.
type nas struct {
	conn     net.Conn
	secret   []byte
	number   byte
	patience time.Duration // with an answer
}

// nas opens a socket at a door.
func (s *server) nas(t *testing.T, d door) *nas {
	t.Helper()
	from := net.Dialer{LocalAddr: &net.UDPAddr{IP: net.ParseIP(string(d))}}
	conn, err := from.DialContext(t.Context(), "udp", s.radius)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	})
	return &nas{conn: conn, secret: []byte(d.secret()), patience: 8 * time.Second}
}

// packet makes a request.
func (n *nas) packet(r exchange.Request) ([]byte, error) {
	p := codec.New(codec.CodeAccessRequest, n.secret)
	n.number++
	p.Identifier = n.number
	return exchange.Encode(p, r)
}

// errSilent: patience is over.
var errSilent = errors.New("no answer")

// ask sends a request once and waits for the answer.
func (n *nas) ask(r exchange.Request) (exchange.Reply, error) {
	packet, err := n.packet(r)
	if err != nil {
		return exchange.Reply{}, err
	}
	if _, err := n.conn.Write(packet); err != nil {
		return exchange.Reply{}, err
	}
	return n.answer(packet)
}

// answer waits for the answer to a packet.
func (n *nas) answer(packet []byte) (exchange.Reply, error) {
	if err := n.conn.SetReadDeadline(time.Now().Add(n.patience)); err != nil {
		return exchange.Reply{}, err
	}
	buf := make([]byte, codec.MaxPacketLength)
	for {
		size, err := n.conn.Read(buf)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return exchange.Reply{}, errSilent
		}
		if err != nil {
			return exchange.Reply{}, err
		}
		reply, err := exchange.Decode(buf[:size], packet, n.secret)
		if !errors.Is(err, exchange.ErrForeign) {
			return reply, err
		}
	}
}
