package ldapbind

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// How many connections carry the searches to one server, and from how many
// searches on one of them another is opened: one is cheapest, several let a
// server that takes a connection's requests one by one work on several.
const (
	mostLines = 4
	busyLine  = 16
)

// lines are the connections for searches to one server. Each carries many at
// once.
type lines struct {
	*gate
	dial func(context.Context) (*conn, error) // bound as the service account
	work sync.WaitGroup

	mu     sync.Mutex
	open   []*conn
	coming *dialing
	closed bool
}

// dialing is one connection being made, for all who wait for it.
type dialing struct {
	done chan struct{}
	err  error
}

var errLineClosed = errors.New("the connection was closed")

// get returns the line with the fewest searches. fresh tells that it was made
// for this call, or while it waited.
func (ls *lines) get(ctx context.Context) (c *conn, fresh bool, err error) {
	for {
		c, d := ls.pick()
		if c != nil {
			return c, fresh, nil
		}
		select {
		case <-d.done:
			if d.err != nil {
				return nil, true, d.err
			}
			fresh = true
		case <-ctx.Done():
			return nil, false, ctx.Err()
		}
	}
}

// pick orders another line where there is none, and where all are busy. Only
// in the first case it has to be waited for.
func (ls *lines) pick() (*conn, *dialing) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	ls.open = slices.DeleteFunc(ls.open, func(c *conn) bool { return !c.whole() })
	var best *conn
	for _, c := range ls.open {
		if best == nil || c.asking.Load() < best.asking.Load() {
			best = c
		}
	}
	if best == nil || best.asking.Load() >= busyLine && len(ls.open) < mostLines {
		ls.order()
	}
	if best != nil {
		best.lastUse = time.Now()
	}
	return best, ls.coming
}

// order begins to make a connection, unless one is being made.
func (ls *lines) order() {
	if ls.coming != nil {
		return
	}
	d := &dialing{done: make(chan struct{})}
	ls.coming = d
	if ls.closed {
		d.err = errLineClosed
		close(d.done)
		return
	}
	ls.work.Go(func() { ls.make(d) })
}

// make dials, whoever waits for it.
func (ls *lines) make(d *dialing) {
	c, err := ls.dial(context.Background())
	ls.mu.Lock()
	ls.coming = nil
	switch {
	case err != nil:
		d.err = err
	case ls.closed:
		d.err = errLineClosed
	default:
		c.lastUse = time.Now()
		ls.open = append(ls.open, c)
	}
	ls.mu.Unlock()
	close(d.done)
	if err == nil && d.err != nil {
		c.leave()
	}
}

// tidy closes lines that nobody has used for long.
func (ls *lines) tidy() {
	ls.end(func(c *conn) bool { return c.asking.Load() == 0 && time.Since(c.lastUse) > maxIdle })
}

// close ends all lines, and waits for those being made.
func (ls *lines) close() {
	ls.mu.Lock()
	ls.closed = true
	ls.mu.Unlock()
	ls.work.Wait()
	ls.end(func(*conn) bool { return true })
}

func (ls *lines) end(which func(*conn) bool) {
	ls.mu.Lock()
	var out, stay []*conn
	for _, c := range ls.open {
		if which(c) {
			out = append(out, c)
		} else {
			stay = append(stay, c)
		}
	}
	ls.open = stay
	ls.mu.Unlock()
	for _, c := range out {
		c.leave()
	}
}

func (ls *lines) stats() PoolStats {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	idle := 0
	for _, c := range ls.open {
		if c.whole() && c.asking.Load() == 0 {
			idle++
		}
	}
	return ls.gate.stats(idle)
}
