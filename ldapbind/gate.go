package ldapbind

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
)

var errOverloaded = errors.New("overloaded: too many wait for a connection")

// gate bounds how many are inside at once, and how many wait before it.
type gate struct {
	slots   chan struct{} // one token for each inside
	waiting atomic.Int64
	most    int64 // waiting
}

func newGate(inside, waiting int) *gate {
	return &gate{slots: make(chan struct{}, inside), most: int64(waiting)}
}

func (g *gate) enter(ctx context.Context) error {
	select {
	case g.slots <- struct{}{}:
		return nil
	default:
	}
	defer g.waiting.Add(-1)
	if g.waiting.Add(1) > g.most {
		return errOverloaded
	}
	select {
	case g.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", errOverloaded, ctx.Err())
	}
}

func (g *gate) leave() { <-g.slots }

// PoolStats is how busy the connections of one purpose to one server are.
type PoolStats struct{ InUse, Idle, Waiting, Limit int }

func (g *gate) stats(idle int) PoolStats {
	return PoolStats{InUse: len(g.slots), Idle: idle, Waiting: int(g.waiting.Load()), Limit: cap(g.slots)}
}
