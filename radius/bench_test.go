package radius

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"

	codec "layeh.com/radius"
	"twofold/core"
	"twofold/radius/exchange"
)

// BenchmarkLogin measures what the front-end costs beside core: packets over
// loopback, 64 outstanding, each new.
func BenchmarkLogin(b *testing.B) {
	b.ReportAllocs()
	s := serve(b, always(core.Decision{Result: core.Accept}), nil)
	addr := net.UDPAddrFromAddrPort(s.ReadyAddrs()[0])
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ResetTimer()
	var all sync.WaitGroup
	for range 64 {
		conn, err := net.DialUDP("udp", nil, addr)
		if err != nil {
			b.Fatal(err)
		}
		all.Go(func() {
			defer conn.Close()
			drive(b, conn, &left)
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
