package ordered

import (
	"context"
	"sync/atomic"

	"twofold/core"
	"twofold/storage"
)

// request is a closure on its way through the queue. It is waiting until
// either the runner takes it or its caller gives it up.
type request struct {
	ctx   context.Context
	fn    func(storage.EngineTx) error
	taken atomic.Bool
	done  chan struct{} // one token when the answer is there
	batch *batch
	err   error
}

// newRequest takes one that was used before, where there is one. They belong
// to their Group, since a channel must not cross synctest's bubbles.
func (g *Group) newRequest(ctx context.Context, fn func(storage.EngineTx) error) *request {
	r, ok := g.requests.Get().(*request)
	if !ok {
		r = &request{done: make(chan struct{}, 1)}
	}
	r.ctx, r.fn = ctx, fn
	r.taken.Store(false)
	return r
}

// take and abandon: one of them succeeds.
func (r *request) take() bool    { return r.taken.CompareAndSwap(false, true) }
func (r *request) abandon() bool { return r.taken.CompareAndSwap(false, true) }

func (r *request) answer(b *batch, err error) {
	r.batch, r.err = b, err
	r.done <- struct{}{}
}

// end gives the answer to the caller, and r back.
func (g *Group) end(r *request) (core.Durable, error) {
	b, err := r.batch, r.err
	r.ctx, r.fn, r.batch, r.err = nil, nil, nil, nil
	g.requests.Put(r)
	if err != nil {
		return nil, err
	}
	return b, nil
}

// batch is a group of transactions that are committed together. It is their
// core.Durable.
type batch struct {
	group  *Group
	wanted atomic.Bool
	done   chan struct{}
	err    error // valid once done is closed

	// The runner's, then the committer's.
	writes map[string]Write
	octets int
}

// Wait implements core.Durable.
func (b *batch) Wait(ctx context.Context) error {
	select {
	case <-b.done:
		return b.err
	default:
	}
	if b.wanted.CompareAndSwap(false, true) {
		select {
		case b.group.kick <- struct{}{}:
		default:
		}
	}
	select {
	case <-b.done:
		return b.err
	case <-ctx.Done():
		return waitError(ctx)
	}
}

func (b *batch) finish(err error) {
	b.err = err
	close(b.done)
}

// put adds a write and keeps count of the octets.
func (b *batch) put(key string, w Write) {
	if old, had := b.writes[key]; had {
		b.octets -= len(key) + len(old.Value)
	}
	b.octets += len(key) + len(w.Value)
	b.writes[key] = w
}
