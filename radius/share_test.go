package radius

import (
	"context"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"twofold/core"
	"twofold/radius/exchange"
)

// twoClients puts a gateway at 127.0.0.2 beside what else is on loopback.
func twoClients(c *Config) {
	other := localClient()
	other.Core = &core.Client{Name: "gateway", Deadline: 2 * time.Second}
	other.Networks = []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}
	c.Rules.Clients = append(c.Rules.Clients, other)
}

func dialFrom(t *testing.T, from string, to netip.AddrPort) wire {
	t.Helper()
	conn, err := net.DialUDP("udp", &net.UDPAddr{IP: net.ParseIP(from)}, net.UDPAddrFromAddrPort(to))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	})
	return wire{t, conn}
}

func TestI12_AClientThatFloodsLeavesRoomForTheOthers(t *testing.T) {
	var judged atomic.Int32
	gate := make(chan struct{})
	s := serve(t, counting(&judged, gate, core.Decision{Result: core.Accept}), func(c *Config) {
		c.Workers, c.Queue = 2, 6
		twoClients(c)
	})
	flood, gateway := dial(t, s.ReadyAddrs()[0]), dialFrom(t, "127.0.0.2", s.ReadyAddrs()[0])
	for i := range 20 {
		flood.send(encode(t, byte(i), exchange.Request{User: "alice", Password: "x"}))
	}
	eventually(t, "all but half of the places were shed", func() bool { return dropped(s, Shed) == 16 })
	packet := encode(t, 1, exchange.Request{User: "bob", Password: "x"})
	gateway.send(packet)
	eventually(t, "the gateway's is taken", func() bool { return s.Stats().InHand == 5 })
	close(gate)
	decode(t, gateway.within(soon), packet)
	for range 4 {
		if flood.within(soon) == nil {
			t.Fatal("no reply to what was taken")
		}
	}
	eventually(t, "all places are given back", func() bool { return s.Stats().InHand == 0 })
	flood.send(encode(t, 99, exchange.Request{User: "alice", Password: "x"}))
	if flood.within(soon) == nil {
		t.Error("no reply after the flood")
	}
}

func TestI12_AClientsRefusalsLeaveRoomForThoseOfOthers(t *testing.T) {
	judge := script{judge: func(context.Context, core.Attempt) core.Decision {
		return core.Decision{Result: core.Reject, Reason: core.WrongCode, NotSoon: time.Now().Add(200 * time.Millisecond)}
	}}
	s := serve(t, judge, func(c *Config) {
		c.Delayed = 4
		twoClients(c)
	})
	flood, gateway := dial(t, s.ReadyAddrs()[0]), dialFrom(t, "127.0.0.2", s.ReadyAddrs()[0])
	for i := range 10 {
		flood.send(encode(t, byte(i), exchange.Request{User: "alice", Password: "x"}))
	}
	eventually(t, "all but half are dropped", func() bool { return dropped(s, TooManyRefusals) == 8 })
	packet := encode(t, 1, exchange.Request{User: "bob", Password: "x"})
	gateway.send(packet)
	decode(t, gateway.within(soon), packet)
	eventually(t, "all places are given back", func() bool { return s.Stats().Delayed == 0 })
}
