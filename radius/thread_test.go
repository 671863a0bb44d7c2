package radius

import (
	"context"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	codec "layeh.com/radius"
	"twofold/core"
	"twofold/radius/exchange"
)

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

func TestLoginByAppendAndByChallenge(t *testing.T) {
	s := serve(t, accepting(), nil)
	if got := ask(t, s, exchange.Request{User: "alice", Password: "secret123456"}); got.Code != codec.CodeAccessAccept {
		t.Errorf("password and code: %v", got.Code)
	}
	first := ask(t, s, exchange.Request{User: "alice", Password: "secret"})
	if first.Code != codec.CodeAccessChallenge || first.Text == "" {
		t.Fatalf("password alone: %v %q", first.Code, first.Text)
	}
	second := ask(t, s, exchange.Request{User: "alice", Password: "123456", State: first.State})
	if second.Code != codec.CodeAccessAccept {
		t.Errorf("code to the challenge: %v", second.Code)
	}
	if got := ask(t, s, exchange.Request{User: "alice", Password: "wrong"}); got.Code != codec.CodeAccessReject {
		t.Errorf("wrong password: %v", got.Code)
	}
}
