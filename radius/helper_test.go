package radius

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
	codec "layeh.com/radius"
	"twofold/core"
	"twofold/radius/exchange"
)

var _ Authenticator = (*core.Service)(nil)

// script is an Authenticator that does as the test says.
type script struct {
	judge  func(ctx context.Context, at core.Attempt) core.Decision
	refuse func(ctx context.Context, at core.Attempt, why core.Reason) core.Decision
}

func (s script) Authenticate(ctx context.Context, at core.Attempt) core.Decision {
	return s.judge(ctx, at)
}

func (s script) Refuse(ctx context.Context, at core.Attempt, why core.Reason) core.Decision {
	if s.refuse == nil {
		return core.Decision{Result: core.Reject, Reason: why}
	}
	return s.refuse(ctx, at, why)
}

// always gives one decision.
func always(d core.Decision) script {
	return script{judge: func(context.Context, core.Attempt) core.Decision { return d }}
}

// accepting lets alice in with the password "secret", challenges her without
// one, and refuses the rest.
func accepting() script {
	return script{judge: func(_ context.Context, at core.Attempt) core.Decision {
		switch {
		case at.User == "alice" && at.Password == "secret123456":
			return core.Decision{Result: core.Accept, Reason: core.AcceptedCode}
		case at.User == "alice" && at.Password == "secret":
			return core.Decision{Result: core.Challenge, Ask: core.Ask{State: []byte("state-1")}}
		case at.User == "alice" && string(at.State) == "state-1" && at.Code == "123456":
			return core.Decision{Result: core.Accept, Reason: core.AcceptedCode}
		}
		return core.Decision{Result: core.Reject, Reason: core.WrongCode}
	}}
}

const testSecret = "testing123"

func localClient() Client {
	return Client{
		Core:                        &core.Client{Name: "vpn", Deadline: 2 * time.Second},
		Networks:                    []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")},
		Secrets:                     []*Secret{NewSecret([]byte(testSecret))},
		RequireMessageAuthenticator: true,
	}
}

// serve starts a server on loopback that ends with the test.
func serve(t testing.TB, judge Authenticator, change func(*Config)) *Server {
	t.Helper()
	cfg := Config{
		Listen: []string{"127.0.0.1:0"}, Authenticator: judge,
		Rules: Rules{Clients: []Client{localClient()}}, Log: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&cfg)
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Errorf("shutting down: %v", err)
		}
	})
	return s
}

func ask(t testing.TB, s *Server, r exchange.Request) exchange.Reply {
	t.Helper()
	c := exchange.Client{Addr: s.ReadyAddrs()[0].String(), Secret: []byte(testSecret), Timeout: time.Second, Tries: 1}
	reply, err := c.Do(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

// wire is a client that sends octets as they are.
type wire struct {
	t    testing.TB
	conn *net.UDPConn
}

func dial(t testing.TB, to netip.AddrPort) wire {
	t.Helper()
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to))
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

func (w wire) send(packet []byte) {
	w.t.Helper()
	if _, err := w.conn.Write(packet); err != nil {
		w.t.Fatal(err)
	}
}

// within gives the next reply, or nil when none comes in that time.
func (w wire) within(wait time.Duration) []byte {
	w.t.Helper()
	if err := w.conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
		w.t.Fatal(err)
	}
	reply := make([]byte, 8192)
	n, err := w.conn.Read(reply)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return reply[:n]
}

const (
	soon   = 2 * time.Second       // a reply that must come
	silent = 60 * time.Millisecond // for none that must not
)

// encode writes a request with a fixed identifier and authenticator.
func encode(t testing.TB, id byte, r exchange.Request) []byte {
	t.Helper()
	p := &codec.Packet{Code: codec.CodeAccessRequest, Identifier: id, Secret: []byte(testSecret)}
	copy(p.Authenticator[:], "0123456789abcdef")
	packet, err := exchange.Encode(p, r)
	if err != nil {
		t.Fatal(err)
	}
	return packet
}

func decode(t testing.TB, reply, request []byte) exchange.Reply {
	t.Helper()
	got, err := exchange.Decode(reply, request, []byte(testSecret))
	if err != nil {
		t.Fatalf("reply %x: %v", reply, err)
	}
	return got
}

// dropped counts what was dropped for a reason, of all sources.
func dropped(s *Server, why DropReason) (n uint64) {
	for _, d := range s.DropStats() {
		if d.Reason == why {
			n += d.Count
		}
	}
	return n
}

// eventually waits for a condition that other goroutines bring about.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(soon); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not in time: %s", what)
		}
	}
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
