package ldapbind

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"twofold/core"
)

func TestManySearchesShareFewConnections(t *testing.T) {
	f := newFake(t)
	for i := range 200 {
		f.add(user("u"+string(rune('a'+i/26))+string(rune('a'+i%26)), ""))
	}
	ds := opened(t, fakeConfig(f))
	found(t, ds, "uaa")
	var all sync.WaitGroup
	for i := range 200 {
		login := "u" + string(rune('a'+i/26)) + string(rune('a'+i%26))
		all.Go(func() {
			if who, err := ds.Resolve(soon(t), login); err != nil || who.Login != login {
				t.Errorf("%s is %s (%v)", login, who.Login, err)
			}
		})
	}
	all.Wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := len(f.conns); n > mostLines+1 {
		t.Errorf("%d connections", n)
	}
}

func TestASearchThatIsNotAnsweredEndsInTime(t *testing.T) {
	f := newFake(t).add(user("alice", ""))
	gate := make(chan struct{})
	var silent atomic.Bool
	f.onSearch = func() (int, bool) {
		if silent.Load() {
			<-gate
		}
		return 0, true
	}
	c := fakeConfig(f)
	c.Timeout = 200 * time.Millisecond
	ds := opened(t, c)
	found(t, ds, "alice")
	silent.Store(true)
	from := time.Now()
	if _, err := ds.Resolve(soon(t), "alice"); !errors.Is(err, core.ErrUnavailable) {
		t.Errorf("an unanswered search gave %v", err)
	}
	if took := time.Since(from); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
	silent.Store(false)
	close(gate)
	for from := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		if _, err := ds.Resolve(soon(t), "alice"); err == nil {
			return
		} else if time.Since(from) > 5*time.Second {
			t.Fatalf("the server did not come back: %v", err)
		}
	}
}

func TestWhoGivesUpDoesNotHarmTheOthers(t *testing.T) {
	f := newFake(t).add(user("alice", ""), user("bob", ""))
	gate := make(chan struct{})
	var silent atomic.Bool
	f.onSearch = func() (int, bool) {
		if silent.Load() {
			<-gate
		}
		return 0, true
	}
	ds := opened(t, fakeConfig(f))
	found(t, ds, "bob")
	silent.Store(true)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := ds.Resolve(ctx, "alice"); !errors.Is(err, core.ErrUnavailable) {
		t.Errorf("whoever gives up gets %v", err)
	}
	leader, cancel := context.WithCancel(t.Context())
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		if _, err := ds.Resolve(leader, "alice"); !errors.Is(err, core.ErrUnavailable) {
			t.Errorf("whoever asked first and gave up gets %v", err)
		}
	}()
	time.AfterFunc(30*time.Millisecond, cancel)
	time.AfterFunc(60*time.Millisecond, func() { close(gate) })
	time.Sleep(10 * time.Millisecond)
	defer func() { <-gone }()
	if who, err := ds.Resolve(soon(t), "alice"); err != nil || who.Login != "alice" {
		t.Errorf("whoever stays gets %v", err)
	}
}

func TestSearchesGoOnWhenTheServerClosesItsConnections(t *testing.T) {
	f := newFake(t).add(user("alice", ""))
	ds := opened(t, fakeConfig(f))
	for range 5 {
		found(t, ds, "alice")
		f.cut()
		time.Sleep(50 * time.Millisecond) // a probe that is cut too makes the server be left alone for a while
	}
}
