package ordered

import (
	"errors"
	"runtime/debug"

	"twofold/storage"
)

// run is the runner. A closure that calls runtime.Goexit (as testing's Fatal
// does) ends this goroutine, so another takes its place.
func (g *Group) run() {
	ended := false
	defer func() {
		if !ended {
			go g.run()
		}
	}()
	for g.step() {
		g.startCommit()
	}
	ended = true
	g.shut()
}

// step waits for one thing to do. It returns false when the Group is closed.
// A finished commit goes first, so that the disk is never idle for long.
func (g *Group) step() bool {
	select {
	case r := <-g.done:
		g.committed(r)
		return true
	default:
	}
	queue := g.queue
	if g.full() && g.committing != nil {
		queue = nil
	}
	select {
	case r := <-queue:
		g.runSome(r)
	case r := <-g.done:
		g.committed(r)
	case s := <-g.scans:
		s.reply <- g.view(s)
	case <-g.kick:
	case <-g.timer.C:
		g.due = true
	case <-g.stop:
		return false
	}
	return true
}

// runSome runs r and what waits behind it, as long as there is room, but not
// so long that a finished commit or a scan would have to wait.
func (g *Group) runSome(r *request) {
	g.runOne(r)
	for range 64 {
		if g.full() || len(g.done) > 0 {
			return
		}
		select {
		case r := <-g.queue:
			g.runOne(r)
		default:
			return
		}
	}
}

var errExited = errors.New("transaction ended its goroutine")

func (g *Group) runOne(r *request) {
	if !r.take() {
		return
	}
	returned := false
	defer func() {
		if !returned {
			r.answer(nil, errExited)
		}
	}()
	b, err := g.apply(r)
	returned = true
	r.answer(b, err)
}

// apply runs the closure and merges what it wrote.
func (g *Group) apply(r *request) (*batch, error) {
	if err := g.failure(); err != nil {
		return nil, err
	}
	if r.ctx.Err() != nil {
		return nil, waitError(r.ctx)
	}
	g.tx.reset()
	if err := g.call(r.fn); err != nil {
		return nil, err
	}
	if g.tx.err != nil {
		return nil, g.tx.err
	}
	g.updates.Add(1)
	return g.merge(), nil
}

func (g *Group) call(fn func(storage.EngineTx) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &storage.PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return fn(g.tx)
}

// merge returns the group that must be durable for the transaction to be so.
// One that wrote nothing depends on what it may have read.
func (g *Group) merge() *batch {
	if len(g.tx.writes) == 0 {
		return g.newest()
	}
	if len(g.pending.writes) == 0 {
		g.timer.Reset(g.cfg.Delay)
	}
	for key, w := range g.tx.writes {
		g.pending.put(key, w)
	}
	return g.pending
}

func (g *Group) newest() *batch {
	switch {
	case len(g.pending.writes) > 0:
		return g.pending
	case g.committing != nil:
		return g.committing
	}
	return g.settled
}

func (g *Group) full() bool {
	return len(g.pending.writes) >= g.cfg.Records || g.pending.octets >= g.cfg.Octets
}

func (g *Group) newBatch() *batch {
	writes := g.spare
	g.spare = nil
	if writes == nil {
		writes = make(map[string]Write)
	}
	return &batch{group: g, done: make(chan struct{}), writes: writes}
}

// shut ends the runner: what is ordered is committed, what waits is failed by
// its caller, who sees closed.
func (g *Group) shut() {
	if g.committing != nil {
		g.committed(<-g.done)
	}
	g.due = true
	if g.startCommit(); g.committing != nil {
		g.committed(<-g.done)
	}
	close(g.commits)
	g.timer.Stop()
	g.base.release()
	close(g.closed)
}
