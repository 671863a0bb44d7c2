package core

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"
)

// written is an office with a log of n events of two accounts.
func written(t *testing.T, n int) *office {
	t.Helper()
	o := newOffice(t, "alice", "bob")
	alice, bob := o.book.people["alice"], o.book.people["bob"]
	for i := len(o.log()); i < n; i++ {
		o.wait(time.Second + 777*time.Nanosecond)
		who := alice
		if i%2 == 0 {
			who = bob
		}
		o.note(Event{Reason: WrongCode, Result: Reject, User: who.Display(), Account: who.ID, Detail: fmt.Sprint(i)})
	}
	return o
}

func (o *office) note(e Event) {
	o.t.Helper()
	if err := o.Record(context.Background(), e); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) verify() ChainReport {
	o.t.Helper()
	return ok[ChainReport](o.t)(o.VerifyEvents(context.Background(), auditor))
}

// tamper puts another event in the place of the n-th, counted from 0, as
// somebody could who has the master key.
func (o *office) tamper(n int, change func(*Event)) {
	o.t.Helper()
	e := o.event(n)
	o.drop(n)
	change(&e)
	b, err := e.MarshalBinary()
	if err != nil {
		o.t.Fatal(err)
	}
	o.shelf.records[place(&e)] = b
}

func (o *office) event(n int) (e Event) {
	o.t.Helper()
	if err := open(&e, o.shelf.records[string(kindEvent)+"\x00"+o.shelf.keys(kindEvent)[n]]); err != nil {
		o.t.Fatal(err)
	}
	return e
}

func (o *office) drop(n int) {
	delete(o.shelf.records, string(kindEvent)+"\x00"+o.shelf.keys(kindEvent)[n])
}

func TestI11_AnUntouchedChainIsWhole(t *testing.T) {
	for _, n := range []int{1, 2, 30} {
		o := written(t, n)
		r := o.verify()
		if !r.OK || r.Checked != uint64(n) || r.BrokenAt != 0 || r.To != o.event(n-1).At {
			t.Errorf("%d events: %+v", n, r)
		}
	}
}

func TestI11_TheChainNoticesWhateverIsDoneToIt(t *testing.T) {
	const n = 30
	for _, c := range []struct {
		name   string
		do     func(*office)
		broken uint64
	}{
		{"an altered detail", func(o *office) { o.tamper(9, func(e *Event) { e.Detail = "nothing" }) }, 10},
		{"another result", func(o *office) { o.tamper(9, func(e *Event) { e.Result = Accept }) }, 10},
		{"another time", func(o *office) { o.tamper(9, func(e *Event) { e.At = e.At.Add(time.Microsecond) }) }, 10},
		{"an altered hash", func(o *office) { o.tamper(9, func(e *Event) { e.Hash[0] ^= 1 }) }, 10},
		{"an event without a hash", func(o *office) { o.tamper(9, func(e *Event) { e.Hash = nil }) }, 10},
		{"an altered event with a hash of its own", func(o *office) {
			before := o.event(8).Hash
			o.tamper(9, func(e *Event) { e.Detail = "nothing"; seal(t, e, before) })
		}, 11},
		{"the first event removed", func(o *office) { o.drop(0) }, 1},
		{"an event removed", func(o *office) { o.drop(9) }, 10},
		{"the last event removed", func(o *office) { o.drop(n - 1) }, n},
		{"the last ten removed", func(o *office) {
			for range 10 {
				o.drop(n - 10)
			}
		}, n - 9},
		{"everything removed", func(o *office) {
			for range n {
				o.drop(0)
			}
		}, 1},
		{"the last event altered, with a hash of its own", func(o *office) {
			before := o.event(n - 2).Hash
			o.tamper(n-1, func(e *Event) { e.Detail = "nothing"; seal(t, e, before) })
		}, n},
		{"an event inserted", func(o *office) {
			e := o.event(9)
			e.At, e.Detail = e.At.Add(time.Millisecond), "more"
			seal(t, &e, o.event(9).Hash)
			put(t, o, &e)
		}, 11},
		{"an event inserted before the first", func(o *office) {
			e := o.event(0)
			e.At = e.At.Add(-time.Hour)
			put(t, o, &e)
		}, 1},
		{"two events in each other's place", func(o *office) {
			a, b := o.event(9), o.event(10)
			o.tamper(9, func(e *Event) { e.At = b.At.Add(time.Microsecond) })
			o.tamper(9, func(e *Event) { e.At = a.At })
		}, 10},
		{"an event filed under another time", func(o *office) {
			key := string(kindEvent) + "\x00" + o.shelf.keys(kindEvent)[9]
			b := o.shelf.records[key]
			delete(o.shelf.records, key)
			moved := []byte(key)
			moved[len(moved)-9]++ // the time's last octet: still before the next event
			o.shelf.records[string(moved)] = b
		}, 10},
		{"a number left out, and all hashes made anew", func(o *office) {
			before := o.event(n - 2).Hash
			o.tamper(n-1, func(e *Event) { e.Seq++; seal(t, e, before) })
			put(t, o, &head{Seq: n + 1, Hash: o.event(n - 1).Hash, At: o.event(n - 1).At})
		}, n},
		{"a record that does not parse", func(o *office) {
			o.shelf.records[string(kindEvent)+"\x00"+o.shelf.keys(kindEvent)[9]] = []byte{0xff}
		}, 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := written(t, n)
			c.do(o)
			if r := o.verify(); r.OK || r.BrokenAt != c.broken {
				t.Errorf("%+v, want a break at %d", r, c.broken)
			}
		})
	}
}

func seal(t *testing.T, e *Event, before []byte) {
	t.Helper()
	if _, err := e.seal(before); err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, o *office, r Record) {
	t.Helper()
	b, err := r.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	o.shelf.records[place(r)] = b
}

func TestI11_TheLogKeepsItsOrderWhenTheClockRunsBack(t *testing.T) {
	o := written(t, 5)
	for i := range 200 {
		o.wait(time.Duration(i%7-4) * 333 * time.Microsecond)
		o.note(Event{Reason: Reloaded})
	}
	if r := o.verify(); !r.OK || r.Checked != 205 {
		t.Errorf("%+v", r)
	}
}

func TestI11_ALongChainIsWalkedInChunks(t *testing.T) {
	o := written(t, 1)
	for range verifyChunk + 10 {
		o.note(Event{Reason: Reloaded})
	}
	if r := o.verify(); !r.OK || r.Checked != verifyChunk+11 {
		t.Errorf("%+v", r)
	}
	o.drop(verifyChunk + 5)
	if r := o.verify(); r.OK || r.BrokenAt != verifyChunk+6 {
		t.Errorf("%+v", r)
	}
}

func TestI11_PruningByAgeKeepsTheRestVerifiable(t *testing.T) {
	o := written(t, 30)
	kept := o.event(20)
	o.rules(func(r *Rules) { r.Events.Keep = o.time().Sub(kept.At) })
	o.maintain()
	if first := o.event(0); first.Seq != kept.Seq || len(o.log()) != 10 {
		t.Fatalf("%d events from %d on, want 10 from %d on", len(o.log()), first.Seq, kept.Seq)
	}
	if r := o.verify(); !r.OK || r.Checked != 10 || r.From != kept.At {
		t.Errorf("%+v", r)
	}
	if n := len(o.shelf.keys(kindByUser)); n != 10 {
		t.Errorf("%d entries in the index, want 10", n)
	}
	o.drop(0)
	if r := o.verify(); r.OK || r.BrokenAt != kept.Seq {
		t.Errorf("the first event kept was removed: %+v", r)
	}
}

func (o *office) maintain() {
	o.t.Helper()
	if err := o.Maintain(context.Background()); err != nil {
		o.t.Fatal(err)
	}
}

func TestI12_PruningBySizeLeavesNoMoreThanAllowed(t *testing.T) {
	o := written(t, 200)
	status := ok[Status](t)(o.Status(context.Background(), root))
	limit := status.EventBytes / 2
	o.rules(func(r *Rules) { r.Events.MaxSize = limit })
	o.maintain()
	after := ok[Status](t)(o.Status(context.Background(), root))
	if after.EventBytes > limit || after.EventBytes < limit-500 || after.Events != uint64(len(o.log())) {
		t.Errorf("%d octets of %d events kept, at most %d", after.EventBytes, after.Events, limit)
	}
	if r := o.verify(); !r.OK || r.Checked != after.Events || after.OldestEvent != r.From {
		t.Errorf("%+v, %+v", r, after)
	}
}

func TestI11_TheNewestEventIsNeverPruned(t *testing.T) {
	o := written(t, 30)
	o.wait(time.Hour)
	o.rules(func(r *Rules) { r.Events = EventRules{Keep: time.Second, MaxSize: 1} })
	o.maintain()
	if len(o.log()) != 1 || !o.verify().OK {
		t.Errorf("%d events left, chain %+v", len(o.log()), o.verify())
	}
	o.note(Event{Reason: Reloaded})
	if r := o.verify(); !r.OK || r.Checked != 2 {
		t.Errorf("%+v", r)
	}
}

func TestI12_PruningTakesBatches(t *testing.T) {
	o := written(t, 3*pruneBatch+50)
	o.wait(time.Hour)
	o.rules(func(r *Rules) { r.Events.Keep = time.Second })
	writes := o.shelf.writes
	o.maintain()
	if len(o.log()) != 1 || !o.verify().OK {
		t.Errorf("%d events left, chain %+v", len(o.log()), o.verify())
	}
	if n := o.shelf.writes - writes; n < 6 || n > 8 {
		t.Errorf("%d transactions for %d records", n, 2*(3*pruneBatch+50))
	}
}

func TestAnEventThatDoesNotOpenIsPrunedInItsTime(t *testing.T) {
	o := written(t, 30)
	o.shelf.records[string(kindEvent)+"\x00"+o.shelf.keys(kindEvent)[4]] = []byte{0xff}
	o.wait(time.Hour)
	o.rules(func(r *Rules) { r.Events.Keep = time.Second })
	o.maintain()
	if len(o.log()) != 1 || !o.verify().OK {
		t.Errorf("%d events left, chain %+v", len(o.log()), o.verify())
	}
}

func TestNothingIsPrunedBeforeItsTime(t *testing.T) {
	o := written(t, 30)
	writes := o.shelf.writes
	o.maintain()
	if len(o.log()) != 30 || o.shelf.writes != writes {
		t.Errorf("%d events left after %d writes", len(o.log()), o.shelf.writes-writes)
	}
}

func TestI11_WhatIsPrunedOrWrittenDuringAWalkIsNoBreak(t *testing.T) {
	o := written(t, 300)
	o.shelf.scanned = func(Kind) {
		o.shelf.scanned = nil
		o.note(Event{Reason: Reloaded})
		o.rules(func(r *Rules) { r.Events.MaxSize = 10_000 })
		o.maintain()
	}
	if r := o.verify(); !r.OK || r.Checked == 0 || r.Checked >= 100 {
		t.Errorf("%+v", r)
	}
}

func TestI11_OfTwoWhoPruneAtOnceOneGivesWay(t *testing.T) {
	o := written(t, 300)
	o.rules(func(r *Rules) { r.Events.MaxSize = 20_000 })
	o.shelf.scanned = func(Kind) { // another node is quicker, and goes further
		o.shelf.scanned = nil
		rules := o.current().rules
		o.rules(func(r *Rules) { r.Events.MaxSize = 5_000 })
		o.maintain()
		o.Swap(o.book, rules)
	}
	if _, err := o.pruneSome(ctx); err != nil {
		t.Fatal(err)
	}
	status := ok[Status](t)(o.Status(ctx, root))
	if r := o.verify(); !r.OK || r.Checked != status.Events || status.EventBytes > 5_000 {
		t.Errorf("%+v, %+v", r, status)
	}
}

func TestSpentChallengesAreRemovedOnceTheyHaveEnded(t *testing.T) {
	o := newOffice(t)
	for i := range 2*pruneBatch + 100 {
		put(t, o, &nonce{Expires: o.time().Add(time.Duration(i%100) * time.Second), Value: [16]byte{byte(i), byte(i >> 8)}})
	}
	o.wait(nonceGrace + 50*time.Second)
	o.maintain()
	left := o.shelf.keys(kindNonce)
	if len(left) != (2*pruneBatch+100)/2 {
		t.Errorf("%d left", len(left))
	}
	if limit := (&nonce{Expires: o.time().Add(-nonceGrace)}).Key(); slices.Min(left) < limit {
		t.Error("one that has ended is left")
	}
}
