package radius

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	codec "layeh.com/radius"
	"twofold/core"
	"twofold/radius/exchange"
)

// BenchmarkLogin measures what the front-end costs beside core: packets over
// loopback, each new, from as many senders as it says.
func BenchmarkLogin(b *testing.B) {
	for _, outstanding := range []int{1, 16, 64, 256} {
		b.Run(strconv.Itoa(outstanding), func(b *testing.B) { login(b, outstanding) })
	}
}

func login(b *testing.B, outstanding int) {
	s := serve(b, always(core.Decision{Result: core.Accept}), nil)
	addr := net.UDPAddrFromAddrPort(s.ReadyAddrs()[0])
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ReportAllocs()
	b.ResetTimer()
	var all sync.WaitGroup
	for range outstanding {
		conn, err := net.DialUDP("udp", nil, addr)
		if err != nil {
			b.Fatal(err)
		}
		all.Go(func() {
			drive(b, conn, &left)
			if err := conn.Close(); err != nil {
				b.Error(err)
			}
		})
	}
	all.Wait()
}

func drive(b *testing.B, conn *net.UDPConn, left *atomic.Int64) {
	packet, err := exchange.Encode(codec.New(codec.CodeAccessRequest, []byte(testSecret)), exchange.Request{User: "alice", Password: "secret123456"})
	if err != nil {
		b.Error(err)
		return
	}
	secret := NewSecret([]byte(testSecret))
	reply := make([]byte, 4096)
	for n := left.Add(-1); n >= 0; n = left.Add(-1) {
		renew(packet, n, secret)
		if _, err := conn.Write(packet); err != nil {
			b.Error(err)
			return
		}
		if _, err := conn.Read(reply); err != nil {
			b.Error(err)
			return
		}
	}
}

// renew makes a new request of an old one. Its password becomes noise, which
// costs the server as much.
func renew(packet []byte, n int64, secret *Secret) {
	packet[1], packet[4], packet[5], packet[6] = byte(n), byte(n), byte(n>>8), byte(n>>16)
	var sum [16]byte
	secret.authenticate(&sum, packet, headerLen+2)
	copy(packet[headerLen+2:], sum[:])
}

// BenchmarkPacket measures one packet without the network: believe, decode,
// judge, encode.
func BenchmarkPacket(b *testing.B) {
	b.ReportAllocs()
	t, err := newTable(Rules{Clients: []Client{localClient()}})
	if err != nil {
		b.Fatal(err)
	}
	packet, err := exchange.Encode(codec.New(codec.CodeAccessRequest, []byte(testSecret)), exchange.Request{User: "alice", Password: "secret123456"})
	if err != nil {
		b.Fatal(err)
	}
	judge := accepting()
	for b.Loop() {
		c := t.find(netip.MustParseAddr("127.0.0.1"))
		about, _ := look(packet)
		secret, _ := c.verify(packet, about)
		r := request{table: t, client: c, secret: secret, packet: packet}
		attrs, _ := r.attributes()
		at, _ := r.attempt(attrs)
		if _, err := r.encode(judge.Authenticate(context.Background(), at), attrs); err != nil {
			b.Fatal(err)
		}
	}
}
