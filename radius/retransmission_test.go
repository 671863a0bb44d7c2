package radius

import (
	"bytes"
	"context"
	"sync/atomic"
	"testing"
	"time"

	codec "layeh.com/radius"
	"twofold/core"
	"twofold/radius/exchange"
)

// counting counts what it judges and waits until it may answer.
func counting(judged *atomic.Int32, wait <-chan struct{}, d core.Decision) script {
	return script{judge: func(ctx context.Context, _ core.Attempt) core.Decision {
		judged.Add(1)
		select {
		case <-wait:
		case <-ctx.Done():
		}
		return d
	}}
}

func opened() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

func TestI09_ARetransmissionIsJudgedOnceAndAnsweredTheSame(t *testing.T) {
	var judged atomic.Int32
	gate := make(chan struct{})
	s := serve(t, counting(&judged, gate, core.Decision{Result: core.Accept}), nil)
	w := dial(t, s.ReadyAddrs()[0])
	packet := encode(t, 1, exchange.Request{User: "alice", Password: "x"})
	for range 3 {
		w.send(packet)
	}
	eventually(t, "two were dropped", func() bool { return dropped(s, Repeated) == 2 })
	close(gate)
	first := w.within(soon)
	decode(t, first, packet)
	if extra := w.within(silent); extra != nil {
		t.Error("one request got two replies")
	}
	for range 2 {
		w.send(packet)
		if again := w.within(soon); !bytes.Equal(again, first) {
			t.Errorf("again: %x, first: %x", again, first)
		}
	}
	if n := judged.Load(); n != 1 {
		t.Errorf("judged %d times", n)
	}
	if st := s.Stats(); st.Answered != 1 || st.Resent != 2 || st.Received != 5 {
		t.Errorf("%+v", st)
	}
}

func TestI09_PaddingMakesNoOtherRequest(t *testing.T) {
	var judged atomic.Int32
	s := serve(t, counting(&judged, opened(), core.Decision{Result: core.Accept}), nil)
	w := dial(t, s.ReadyAddrs()[0])
	packet := encode(t, 1, exchange.Request{User: "alice", Password: "x"})
	w.send(packet)
	first := w.within(soon)
	w.send(append(bytes.Clone(packet), 0, 0))
	if again := w.within(soon); !bytes.Equal(again, first) || judged.Load() != 1 {
		t.Errorf("judged %d times", judged.Load())
	}
}

func TestI09_WhatWasLeftWithoutAnswerIsNotJudgedAgain(t *testing.T) {
	var judged atomic.Int32
	s := serve(t, counting(&judged, opened(), core.Decision{}), nil)
	w := dial(t, s.ReadyAddrs()[0])
	packet := encode(t, 1, exchange.Request{User: "alice", Password: "x"})
	w.send(packet)
	eventually(t, "judged", func() bool { return judged.Load() == 1 && s.Stats().InHand == 0 })
	w.send(packet)
	if reply := w.within(silent); reply != nil || judged.Load() != 1 {
		t.Errorf("reply %x, judged %d times", reply, judged.Load())
	}
}

func TestANewAuthenticatorOrOtherContentIsANewRequest(t *testing.T) {
	var judged atomic.Int32
	s := serve(t, counting(&judged, opened(), core.Decision{Result: core.Accept}), nil)
	w := dial(t, s.ReadyAddrs()[0])
	one := encode(t, 1, exchange.Request{User: "alice", Password: "x"})
	other := encode(t, 1, exchange.Request{User: "mallory", Password: "x"}) // of a NAS that repeats authenticators
	p := codec.New(codec.CodeAccessRequest, []byte(testSecret))
	p.Identifier = 1
	fresh, err := exchange.Encode(p, exchange.Request{User: "alice", Password: "x"})
	if err != nil {
		t.Fatal(err)
	}
	for i, packet := range [][]byte{one, other, fresh} {
		w.send(packet)
		decode(t, w.within(soon), packet)
		if n := judged.Load(); n != int32(i+1) {
			t.Errorf("packet %d: judged %d", i, n)
		}
	}
}

func TestAPacketThatIsNotBelievedTouchesNothing(t *testing.T) {
	var judged atomic.Int32
	s := serve(t, counting(&judged, opened(), core.Decision{Result: core.Accept}), nil)
	w := dial(t, s.ReadyAddrs()[0])
	packet := encode(t, 1, exchange.Request{User: "alice", Password: "x"})
	w.send(packet)
	first := w.within(soon)
	forged := bytes.Clone(packet)
	forged[4] ^= 1
	w.send(forged)
	eventually(t, "dropped", func() bool { return dropped(s, WrongMAC) == 1 })
	w.send(packet)
	if again := w.within(soon); !bytes.Equal(again, first) || judged.Load() != 1 {
		t.Errorf("judged %d times", judged.Load())
	}
}

func TestI08_ARefusalIsHeldBackByNoWorker(t *testing.T) {
	const floor = 400 * time.Millisecond
	judge := script{judge: func(_ context.Context, at core.Attempt) core.Decision {
		if at.User == "alice" {
			return core.Decision{Result: core.Accept}
		}
		return core.Decision{Result: core.Reject, NotSoon: time.Now().Add(floor)}
	}}
	s := serve(t, judge, func(c *Config) { c.Workers = 1 })
	w, other := dial(t, s.ReadyAddrs()[0]), dial(t, s.ReadyAddrs()[0])
	packet := encode(t, 1, exchange.Request{User: "mallory", Password: "x"})
	began := time.Now()
	w.send(packet)
	eventually(t, "held back", func() bool { return s.Stats().Delayed == 1 })
	w.send(packet) // in flight still
	accepted := encode(t, 2, exchange.Request{User: "alice", Password: "x"})
	other.send(accepted)
	decode(t, other.within(soon), accepted)
	if took := time.Since(began); took >= floor {
		t.Errorf("the only worker was held for %v", took)
	}
	if got := decode(t, w.within(soon), packet); got.Code != codec.CodeAccessReject || time.Since(began) < floor {
		t.Errorf("%v after %v", got.Code, time.Since(began))
	}
}

func TestI12_TooManyRefusalsAreNeverSentSooner(t *testing.T) {
	judge := script{judge: func(context.Context, core.Attempt) core.Decision {
		return core.Decision{Result: core.Reject, NotSoon: time.Now().Add(400 * time.Millisecond)}
	}}
	s := serve(t, judge, func(c *Config) { c.Delayed = 2 })
	w := dial(t, s.ReadyAddrs()[0])
	for id := range byte(5) {
		w.send(encode(t, id, exchange.Request{User: "mallory", Password: "x"}))
	}
	eventually(t, "three were dropped", func() bool { return dropped(s, TooManyRefusals) == 3 })
	for range 2 {
		if w.within(soon) == nil {
			t.Fatal("no reply")
		}
	}
	if w.within(silent) != nil {
		t.Error("a third reply")
	}
}
