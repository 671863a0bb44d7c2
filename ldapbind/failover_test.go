package ldapbind

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"twofold/core"
)

func TestWhoWaitsForAServerThatFailedGoesToTheNext(t *testing.T) {
	first, second := newFake(t).add(user("alice", "")), newFake(t).add(user("alice", ""))
	gate := make(chan struct{})
	first.onBind = func(string, string) (int, string, bool) { <-gate; return 0, "", false }
	c := fakeConfig(first, second)
	c.MaxBinds, c.Timeout = 1, 300*time.Millisecond
	ds := opened(t, c)
	who := found(t, ds, "alice")
	var outcomes [16]atomic.Int64
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { outcomes[ds.Bind(soon(t), who, "right").Outcome].Add(1) })
	}
	for first.seen("bind") == 0 {
		time.Sleep(time.Millisecond)
	}
	first.listener.Close() // it hangs, and takes nobody new
	all.Wait()
	close(gate)
	if lost := outcomes[core.BindUnknown].Load(); lost != 1 || outcomes[core.Right].Load() != 19 {
		t.Errorf("%d binds were lost and %d right, want 1 and 19", lost, outcomes[core.Right].Load())
	}
	if first.seen("bind")+second.seen("bind") != 20 {
		t.Errorf("%d and %d binds for 20 attempts", first.seen("bind"), second.seen("bind"))
	}
}

func TestASilentServerIsHedgedAndLeft(t *testing.T) {
	first, second := newFake(t).add(user("alice", "")), newFake(t).add(user("alice", ""))
	gate := make(chan struct{})
	var silent atomic.Bool
	first.onSearch = func() (int, bool) {
		if silent.Load() {
			<-gate
		}
		return 0, true
	}
	ds := opened(t, fakeConfig(first, second))
	found(t, ds, "alice")
	silent.Store(true)
	from := time.Now()
	found(t, ds, "alice")
	if took := time.Since(from); took > hedgeAfter+2*time.Second {
		t.Errorf("the first search took %v", took)
	}
	if second.seen("search") != 1 {
		t.Errorf("the second server was asked %d times", second.seen("search"))
	}
	close(gate)
}
