package ordered

import (
	"fmt"
	"runtime/debug"
	"time"

	"twofold/core"
	"twofold/storage"
)

// job is a group for the committer, result what came of it.
type job struct {
	batch *batch
	base  Snapshot
}

type result struct{ next Snapshot }

// startCommit hands the pending group over, if it is wanted and the committer
// is free.
func (g *Group) startCommit() {
	if err := g.failure(); err != nil {
		g.drop(err)
		return
	}
	b := g.pending
	if g.committing != nil || len(b.writes) == 0 {
		return
	}
	if !g.due && !g.full() && !b.wanted.Load() {
		return
	}
	g.timer.Stop()
	g.due = false
	g.committing, g.pending = b, g.newBatch()
	g.commits <- job{batch: b, base: g.base.Snapshot}
}

// drop fails what is ordered and not yet on its way.
func (g *Group) drop(err error) {
	if len(g.pending.writes) == 0 && !g.pending.wanted.Load() {
		return
	}
	g.pending.finish(err)
	g.pending = g.newBatch()
}

// committed takes a finished group off the readers' path.
func (g *Group) committed(r result) {
	if r.next != nil {
		g.base.release()
		g.base = newBase(r.next)
	}
	g.recycle(g.committing)
	g.committing = nil
}

// recycle keeps the map of a group for a later one, unless it grew large.
func (g *Group) recycle(b *batch) {
	writes := b.writes
	b.writes = nil
	if len(writes) <= 256 {
		clear(writes)
		g.spare = writes
	}
}

// commit is the committer.
func (g *Group) commit() {
	for j := range g.commits {
		start := time.Now()
		next, err := g.commitOne(j)
		if err != nil {
			g.Fail(err)
			j.batch.finish(g.failure())
		} else {
			g.groups.Add(1)
			g.last.Store(int64(time.Since(start)))
			j.batch.finish(nil)
		}
		g.done <- result{next}
	}
}

// commitOne commits and takes the snapshot the next transactions stand on.
func (g *Group) commitOne(j job) (next Snapshot, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("committing: %w", &storage.PanicError{Value: v, Stack: debug.Stack()})
		}
	}()
	if err := g.failure(); err != nil {
		return nil, err
	}
	if err := g.cfg.Backend.Commit(j.base, j.batch.writes); err != nil {
		return nil, fmt.Errorf("committing: %w", err)
	}
	next, err = g.cfg.Backend.Snapshot()
	if err != nil {
		return nil, fmt.Errorf("reading the store: %w", err)
	}
	return next, nil
}

var _ core.Durable = (*batch)(nil)
