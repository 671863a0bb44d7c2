package core

import (
	"fmt"
	"testing"
	"time"
)

var dawn = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

func TestTheFirstOfAKindAreWrittenAndTheOthersCounted(t *testing.T) {
	var f floods
	key := floodKey{"vpn", WrongCode}
	for i := range 100 {
		if admitted := f.admit(key, dawn); admitted != (i < floodFree) {
			t.Fatalf("number %d: %v", i+1, admitted)
		}
	}
	if !f.admit(floodKey{"vpn", WrongPassword}, dawn) || !f.admit(floodKey{"wifi", WrongCode}, dawn) {
		t.Error("another kind is held back with it")
	}
	if sums := f.drain(dawn.Add(59 * time.Second)); len(sums) != 0 {
		t.Errorf("summed before the minute was over: %v", sums)
	}
	sums := f.drain(dawn.Add(time.Minute))
	if len(sums) != 1 || sums[0] != (summed{key, 100 - floodFree, dawn}) {
		t.Errorf("%v", sums)
	}
	if sums := f.drain(dawn.Add(time.Hour)); len(sums) != 0 {
		t.Errorf("summed twice: %v", sums)
	}
}

func TestAMinuteLaterTheFirstAreWrittenAgain(t *testing.T) {
	var f floods
	key := floodKey{"vpn", WrongCode}
	for minute := range 3 {
		now := dawn.Add(time.Duration(minute) * time.Minute)
		for i := range floodFree {
			if !f.admit(key, now) {
				t.Fatalf("minute %d, number %d is held back", minute, i+1)
			}
		}
	}
}

func TestI11_WhatWasCountedIsNotLostWhereNobodyDrains(t *testing.T) {
	var f floods
	key, total := floodKey{"vpn", WrongCode}, 0
	for minute := range 10 {
		for range 100 {
			if f.admit(key, dawn.Add(time.Duration(minute)*time.Minute)) {
				total++
			}
		}
	}
	for _, sum := range f.drain(dawn.Add(time.Hour)) {
		total += sum.count
	}
	if total != 1000 {
		t.Errorf("%d of 1000 are accounted for", total)
	}
}

func TestI12_KindsAreBounded(t *testing.T) {
	var f floods
	for i := range 100_000 {
		f.admit(floodKey{fmt.Sprint(i), WrongCode}, dawn)
	}
	if n := len(f.kinds); n > floodKinds+1 {
		t.Errorf("%d kinds", n)
	}
	sums := f.drain(dawn.Add(time.Minute))
	if len(sums) != 1 || sums[0].key != (floodKey{}) || sums[0].count != 100_000-floodKinds-floodFree {
		t.Errorf("%v", sums)
	}
	if len(f.kinds) != 0 {
		t.Errorf("%d kinds are left", len(f.kinds))
	}
}

func TestI11_SumsThatCannotBeWrittenAreKept(t *testing.T) {
	o := newOffice(t)
	for range 100 {
		o.floods.admit(floodKey{"vpn", WrongCode}, o.time())
	}
	o.wait(time.Minute)
	o.shelf.down = ErrUnavailable
	if err := o.Maintain(ctx); err == nil {
		t.Fatal("nothing failed")
	}
	o.shelf.down = nil
	o.maintain()
	if e := o.last(); e.Reason != RefusalsSummed || e.Count != 100-floodFree || e.Client != "vpn" {
		t.Errorf("%+v", e)
	}
}

func TestI11_SumsAreWrittenBeforeTheServerStops(t *testing.T) {
	o := newOffice(t)
	for range 100 {
		o.floods.admit(floodKey{"vpn", WrongCode}, o.time())
	}
	o.note(Event{Reason: Stopped})
	if n := len(o.seen); o.seen[n-2].Count != 100-floodFree || o.seen[n-1].Reason != Stopped {
		t.Errorf("the last events are %+v", o.seen[n-2:])
	}
}
