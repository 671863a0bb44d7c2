package radius

import (
	"net/netip"
	"testing"
	"time"
)

var (
	epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	nas   = netip.MustParseAddrPort("10.1.0.5:3000")
)

func newTestSeen(perClient, limit int) *seen {
	return newSeen(Config{Remember: 30 * time.Second, Memory: limit, MemoryByClient: perClient})
}

// answerAt enters a request and finishes it.
func answerAt(s *seen, at slot, packet, client string, now time.Time, reply []byte) {
	e, _ := s.enter(at, []byte(packet), client, now)
	s.finish(e, reply, now)
}

// knows tells whether a request is remembered, without entering it.
func knows(s *seen, at slot) bool { return s.entries[at] != nil }

func TestI12_RepliesAreBoundedByClientAndInAll(t *testing.T) {
	one := entryOverhead + 100
	s := newTestSeen(3*one, 5*one)
	reply := make([]byte, 100)
	at := func(socket int, id byte) slot { return slot{socket, nas, id} }
	for id := range byte(10) {
		answerAt(s, at(0, id), "p", "a", epoch, reply)
	}
	if n, octets := s.size(); n != 3 || octets != 3*one {
		t.Errorf("one client: %d entries, %d octets", n, octets)
	}
	if knows(s, at(0, 6)) || !knows(s, at(0, 7)) || !knows(s, at(0, 9)) {
		t.Error("not the oldest replies went")
	}
	for id := range byte(10) {
		answerAt(s, at(1, id), "p", "b", epoch, reply)
	}
	if n, octets := s.size(); n != 5 || octets != 5*one {
		t.Errorf("two clients: %d entries, %d octets", n, octets)
	}
	if knows(s, at(0, 7)) || !knows(s, at(0, 8)) {
		t.Error("in all, not the oldest went")
	}
}

func TestI12_WhatIsInFlightIsNeverForgotten(t *testing.T) {
	s := newTestSeen(1000, 1000)
	flying, _ := s.enter(slot{0, nas, 200}, []byte("p"), "a", epoch)
	for id := range byte(100) {
		answerAt(s, slot{0, nas, id}, "p", "a", epoch.Add(time.Hour), make([]byte, 100))
	}
	if fresh, before := s.enter(slot{0, nas, 200}, []byte("p"), "a", epoch.Add(time.Hour)); fresh != nil || before.done {
		t.Error("forgotten")
	}
	s.finish(flying, []byte("r"), epoch.Add(time.Hour))
	if _, before := s.enter(slot{0, nas, 200}, []byte("p"), "a", epoch.Add(time.Hour)); string(before.reply) != "r" {
		t.Errorf("got %q", before.reply)
	}
}

func TestRepliesAreForgottenAfterTheWindow(t *testing.T) {
	s := newTestSeen(1<<20, 1<<20)
	at := slot{0, nas, 1}
	answerAt(s, at, "p", "a", epoch, []byte("r"))
	if fresh, before := s.enter(at, []byte("p"), "a", epoch.Add(30*time.Second-1)); fresh != nil || !before.done {
		t.Error("forgotten too early")
	}
	s.sweep(epoch.Add(30 * time.Second))
	if n, octets := s.size(); n != 0 || octets != 0 {
		t.Errorf("%d entries, %d octets are left", n, octets)
	}
}

func TestANewRequestTakesTheSlotOfTheOldOne(t *testing.T) {
	s := newTestSeen(1<<20, 1<<20)
	at := slot{0, nas, 1}
	first, _ := s.enter(at, []byte("one"), "a", epoch)
	if fresh, _ := s.enter(at, []byte("two"), "a", epoch); fresh == nil {
		t.Fatal("other octets were taken for a retransmission")
	}
	s.finish(first, []byte("late"), epoch)
	if fresh, before := s.enter(at, []byte("two"), "a", epoch); fresh != nil || before.done {
		t.Error("the reply to the first was stored under the second")
	}
	s.forget(first)
	if !knows(s, at) {
		t.Error("forgetting the first forgot the second")
	}
	answerAt(s, at, "three", "a", epoch, []byte("r"))
	answerAt(s, at, "four", "a", epoch, []byte("r"))
	if n, octets := s.size(); n != 1 || octets != entryOverhead+1 {
		t.Errorf("%d entries, %d octets", n, octets)
	}
}

func TestSlotsDifferBySocketAddressPortAndIdentifier(t *testing.T) {
	s := newTestSeen(1<<20, 1<<20)
	for _, at := range []slot{
		{0, nas, 1}, {1, nas, 1}, {0, nas, 2}, {0, netip.MustParseAddrPort("10.1.0.5:3001"), 1}, {0, netip.MustParseAddrPort("10.1.0.6:3000"), 1},
	} {
		if fresh, _ := s.enter(at, []byte("p"), "a", epoch); fresh == nil {
			t.Errorf("%v was taken for another", at)
		}
	}
}
