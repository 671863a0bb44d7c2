package radius

import (
	"testing"

	codec "layeh.com/radius"
	"twofold/radius/exchange"
)

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
