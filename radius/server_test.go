package radius

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	codec "layeh.com/radius"
	"twofold/core"
	"twofold/radius/exchange"
)

func TestRepliesLeaveFromTheAddressAsked(t *testing.T) {
	for listen, hosts := range map[string][]string{
		"0.0.0.0:0": {"127.0.0.1", "127.0.0.5", "127.9.8.7"}, "[::]:0": {"::1"}, ":0": {"127.0.0.6", "::1"}, "[::1]:0": {"::1"}, "127.0.0.2:0": {"127.0.0.2"},
	} {
		s := serve(t, accepting(), func(c *Config) { c.Listen = []string{listen} })
		for _, host := range hosts {
			// A connected socket hears only the address it asked.
			w := dial(t, netip.AddrPortFrom(netip.MustParseAddr(host), s.ReadyAddrs()[0].Port()))
			packet := encode(t, 1, exchange.Request{User: "alice", Password: "secret123456"})
			w.send(packet)
			reply := w.within(soon)
			if reply == nil {
				t.Errorf("%s asked at %s: no reply from there", listen, host)
				continue
			}
			decode(t, reply, packet)
		}
	}
}

func TestSeveralAddressesAndSocketsAnswer(t *testing.T) {
	inherited, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, accepting(), func(c *Config) {
		c.Sockets, c.Listen, c.ReusePort = []*net.UDPConn{inherited}, []string{"127.0.0.1:0", "[::1]:0"}, 2
	})
	addrs := s.ReadyAddrs()
	if len(addrs) != 5 || addrs[1] != addrs[2] || addrs[3] != addrs[4] {
		t.Fatalf("%v", addrs)
	}
	for _, addr := range addrs {
		w := dial(t, addr)
		packet := encode(t, 1, exchange.Request{User: "alice", Password: "secret123456"})
		w.send(packet)
		decode(t, w.within(soon), packet)
	}
}

func TestAnAddressThatCannotBeListenedOnIsNamed(t *testing.T) {
	for _, listen := range []string{"192.0.2.1:1812", "localhost:1812", "127.0.0.1", "127.0.0.1:x"} {
		_, err := New(Config{Listen: []string{"127.0.0.1:0", listen}, Authenticator: accepting(), Rules: Rules{Clients: []Client{localClient()}}})
		if err == nil || !strings.Contains(err.Error(), "listening on "+listen) {
			t.Errorf("%s: %v", listen, err)
		}
	}
	for name, cfg := range map[string]Config{
		"nothing": {}, "no address": {Authenticator: accepting()}, "a negative bound": {Authenticator: accepting(), Listen: []string{"127.0.0.1:0"}, Queue: -1},
		"no secret": {Authenticator: accepting(), Listen: []string{"127.0.0.1:0"}, Rules: Rules{Clients: []Client{clientAt("a")}}},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestI12_OverloadIsShedAtOnceAndPassesByItself(t *testing.T) {
	var judged atomic.Int32
	gate := make(chan struct{})
	s := serve(t, counting(&judged, gate, core.Decision{Result: core.Accept}), func(c *Config) { c.Workers, c.Queue = 2, 3 })
	w := dial(t, s.ReadyAddrs()[0])
	packets := make([][]byte, 8)
	for i := range packets {
		packets[i] = encode(t, byte(i), exchange.Request{User: "alice", Password: "x"})
		w.send(packets[i])
		if i < 2 {
			eventually(t, "a worker has it", func() bool { return judged.Load() == int32(i+1) })
		}
	}
	eventually(t, "three were shed", func() bool { return dropped(s, Shed) == 3 })
	status := encode(t, 99, exchange.Request{Code: codec.CodeStatusServer})
	w.send(status)
	if got := decode(t, w.within(soon), status); got.Code != codec.CodeAccessAccept {
		t.Errorf("Status-Server under load: %v", got.Code)
	}
	close(gate)
	for range 5 {
		if w.within(soon) == nil {
			t.Fatal("no reply to what was taken")
		}
	}
	w.send(packets[7]) // shed before: its retransmission is judged
	decode(t, w.within(soon), packets[7])
	if n := judged.Load(); n != 6 {
		t.Errorf("judged %d", n)
	}
}

func TestWhatWaitedTooLongIsNotJudged(t *testing.T) {
	var judged atomic.Int32
	const deadline = 200 * time.Millisecond
	judge := script{judge: func(context.Context, core.Attempt) core.Decision {
		judged.Add(1)
		time.Sleep(2 * deadline)
		return core.Decision{Result: core.Accept}
	}}
	s := serve(t, judge, func(c *Config) {
		c.Workers = 1
		c.Rules.Clients[0].Core.Deadline = deadline
	})
	w := dial(t, s.ReadyAddrs()[0])
	w.send(encode(t, 1, exchange.Request{User: "alice", Password: "x"}))
	w.send(encode(t, 2, exchange.Request{User: "alice", Password: "x"}))
	eventually(t, "shed", func() bool { return dropped(s, Shed) == 1 })
	if judged.Load() != 1 {
		t.Errorf("judged %d", judged.Load())
	}
}

func TestAnOutageIsSilenceOrARefusalAsTheClientWants(t *testing.T) {
	for _, reject := range []bool{false, true} {
		s := serve(t, always(core.Decision{Result: core.NoAnswer, Reason: core.DirectoryDown}), func(c *Config) {
			c.Rules.Clients[0].Core.RejectOnFailure = reject
			c.Rules.Clients[0].Core.RejectFloor = 50 * time.Millisecond
		})
		w := dial(t, s.ReadyAddrs()[0])
		packet := encode(t, 1, exchange.Request{User: "alice", Password: "x"})
		began := time.Now()
		w.send(packet)
		if !reject {
			if reply := w.within(silent); reply != nil {
				t.Errorf("drop: %x", reply)
			}
			continue
		}
		if got := decode(t, w.within(soon), packet); got.Code != codec.CodeAccessReject || time.Since(began) < 50*time.Millisecond {
			t.Errorf("reject: %v after %v", got.Code, time.Since(began))
		}
	}
}

func TestAClientThatWantsRefusalsInOutagesGetsItsOtherAnswers(t *testing.T) {
	s := serve(t, accepting(), func(c *Config) { c.Rules.Clients[0].Core.RejectOnFailure = true })
	if got := ask(t, s, exchange.Request{User: "alice", Password: "secret123456"}); got.Code != codec.CodeAccessAccept {
		t.Errorf("%v", got.Code)
	}
}

func TestAPanicCostsOnePacketAndPrintsNoSecret(t *testing.T) {
	var log bytes.Buffer
	judge := script{judge: func(_ context.Context, at core.Attempt) core.Decision {
		if at.User == "mallory" {
			panic("the password is " + at.Password)
		}
		return core.Decision{Result: core.Accept}
	}}
	s := serve(t, judge, func(c *Config) { c.Log, c.Workers = slog.New(slog.NewTextHandler(&syncWriter{w: &log}, nil)), 1 })
	w := dial(t, s.ReadyAddrs()[0])
	w.send(encode(t, 1, exchange.Request{User: "mallory", Password: "hunter2"}))
	packet := encode(t, 2, exchange.Request{User: "alice", Password: "x"})
	w.send(packet)
	decode(t, w.within(soon), packet)
	if n := dropped(s, Crashed); n != 1 {
		t.Errorf("counted %d", n)
	}
	if err := s.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := log.String(); strings.Contains(got, "hunter2") || !strings.Contains(got, "stack") {
		t.Errorf("log: %s", got)
	}
}

func TestAFaultBesideCoreCostsOnePacketToo(t *testing.T) {
	var faulty atomic.Bool
	faulty.Store(true)
	s := serve(t, accepting(), func(c *Config) {
		c.Workers = 1
		c.Observe = func(Observed) {
			if faulty.Swap(false) {
				panic("a fault")
			}
		}
	})
	dial(t, s.ReadyAddrs()[0]).send(encode(t, 1, exchange.Request{User: "alice", Password: "secret123456"}))
	eventually(t, "counted", func() bool { return dropped(s, Crashed) == 1 })
	ask(t, s, exchange.Request{User: "alice", Password: "secret123456"})
}

type syncWriter struct {
	mu sync.Mutex
	w  *bytes.Buffer
}

func (s *syncWriter) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(p)
}

func TestSwapKeepsWhatIsInFlightUnderItsRules(t *testing.T) {
	var judged atomic.Int32
	gate := make(chan struct{})
	s := serve(t, counting(&judged, gate, core.Decision{Result: core.Reject}), func(c *Config) { c.Rules.Texts.Reject = "old" })
	w := dial(t, s.ReadyAddrs()[0])
	packet := encode(t, 1, exchange.Request{User: "alice", Password: "x"})
	w.send(packet)
	eventually(t, "judged", func() bool { return judged.Load() == 1 })
	changed := localClient()
	changed.Secrets = []*Secret{NewSecret([]byte("new secret"))}
	if err := s.Swap(Rules{Clients: []Client{{}}}); err == nil {
		t.Error("faulty rules were taken")
	}
	if err := s.Swap(Rules{Clients: []Client{changed}, Texts: Texts{Reject: "new"}}); err != nil {
		t.Fatal(err)
	}
	close(gate)
	if got := decode(t, w.within(soon), packet); got.Text != "old" {
		t.Errorf("in flight: %q", got.Text)
	}
	c := exchange.Client{Addr: s.ReadyAddrs()[0].String(), Secret: []byte("new secret"), Tries: 1}
	if got, err := c.Do(t.Context(), exchange.Request{User: "alice", Password: "x"}); err != nil || got.Text != "new" {
		t.Errorf("afterwards: %q, %v", got.Text, err)
	}
}

func TestShutdownAnswersWhatIsInFlight(t *testing.T) {
	var judged atomic.Int32
	gate := make(chan struct{})
	floor := time.Now().Add(100 * time.Millisecond)
	s := serve(t, counting(&judged, gate, core.Decision{Result: core.Reject, NotSoon: floor}), func(c *Config) { c.Workers = 1 })
	w := dial(t, s.ReadyAddrs()[0])
	w.send(encode(t, 1, exchange.Request{User: "alice", Password: "x"}))
	w.send(encode(t, 2, exchange.Request{User: "alice", Password: "x"}))
	eventually(t, "both are in hand", func() bool { return judged.Load() == 1 && s.Stats().InHand == 2 })
	done := make(chan error, 1)
	go func() { done <- s.Shutdown(context.Background()) }()
	<-s.stopping
	close(gate)
	for range 2 {
		if w.within(soon) == nil {
			t.Fatal("no reply")
		}
	}
	if err := <-done; err != nil || time.Now().Before(floor) {
		t.Errorf("%v", err)
	}
}

func TestShutdownGivesUpWhenItsTimeIsOver(t *testing.T) {
	var judged atomic.Int32
	s, err := New(Config{
		Listen: []string{"127.0.0.1:0"}, Authenticator: counting(&judged, make(chan struct{}), core.Decision{}),
		Rules: Rules{Clients: []Client{localClient()}}, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	dial(t, s.ReadyAddrs()[0]).send(encode(t, 1, exchange.Request{User: "alice", Password: "x"}))
	eventually(t, "judged", func() bool { return judged.Load() == 1 })
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestAServerThatNeverStartedShutsDown(t *testing.T) {
	s, err := New(Config{Listen: []string{"127.0.0.1:0"}, Authenticator: accepting(), Rules: Rules{Clients: []Client{localClient()}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Shutdown(t.Context()), s.Shutdown(t.Context())); err != nil {
		t.Error(err)
	}
}

func TestTheAttemptsContextEndsAtTheClientsDeadline(t *testing.T) {
	left := make(chan time.Duration, 1)
	judge := script{judge: func(ctx context.Context, _ core.Attempt) core.Decision {
		end, _ := ctx.Deadline()
		left <- time.Until(end)
		return core.Decision{}
	}}
	s := serve(t, judge, func(c *Config) { c.Rules.Clients[0].Core.Deadline = time.Second })
	dial(t, s.ReadyAddrs()[0]).send(encode(t, 1, exchange.Request{User: "alice", Password: "x"}))
	if got := <-left; got > time.Second || got < 500*time.Millisecond {
		t.Errorf("%v are left", got)
	}
}

func TestEachJudgedAttemptIsObserved(t *testing.T) {
	seen := make(chan Observed, 2)
	s := serve(t, accepting(), func(c *Config) { c.Observe = func(o Observed) { seen <- o } })
	ask(t, s, exchange.Request{User: "alice", Password: "secret123456"})
	if o := <-seen; o.Client != "vpn" || o.Result != core.Accept || o.Reason != core.AcceptedCode || o.Took <= 0 {
		t.Errorf("%+v", o)
	}
}

func TestCHAPIsRefusedAndNeverJudged(t *testing.T) {
	refused := make(chan core.Reason, 1)
	judge := script{
		judge: func(context.Context, core.Attempt) core.Decision { panic("judged") },
		refuse: func(_ context.Context, _ core.Attempt, why core.Reason) core.Decision {
			refused <- why
			return core.Decision{Result: core.Reject}
		},
	}
	s := serve(t, judge, nil)
	w := dial(t, s.ReadyAddrs()[0])
	packet := bare(t, avp(1, "alice"), avp(3, strings.Repeat("c", 17)))
	w.send(packet)
	if got := decode(t, w.within(soon), packet); got.Code != codec.CodeAccessReject || <-refused != core.MethodUnsupported {
		t.Errorf("%v", got.Code)
	}
}

func TestStatusServerIsAnsweredWithoutBeingRemembered(t *testing.T) {
	s := serve(t, script{}, nil)
	w := dial(t, s.ReadyAddrs()[0])
	packet := encode(t, 1, exchange.Request{Code: codec.CodeStatusServer})
	for range 2 {
		w.send(packet)
		if got := decode(t, w.within(soon), packet); got.Code != codec.CodeAccessAccept || len(got.Attributes) != 1 {
			t.Errorf("%v %v", got.Code, types(got.Attributes))
		}
	}
	if st := s.Stats(); st.Replies != 0 || st.Workers != 0 {
		t.Errorf("%+v", st)
	}
}
