package ldapbind

import (
	"context"
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

// lines are the connections for searches to one server.
type lines struct {
	*gate
	dial    func(context.Context) (*conn, error) // bound as the service account
	timeout time.Duration
	work    sync.WaitGroup

	mu     sync.Mutex
	open   []*line
	coming *dialing
	closed bool
}

// dialing is one connection being made, for all who wait for it.
type dialing struct {
	done chan struct{}
	err  error
}

// get returns the line with the fewest searches. fresh tells that it was made
// for this call, or while it waited.
func (ls *lines) get(ctx context.Context) (l *line, fresh bool, err error) {
	for {
		l, d := ls.pick()
		if l != nil {
			return l, fresh, nil
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
func (ls *lines) pick() (*line, *dialing) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	var best *line
	least := 0
	alive := ls.open[:0]
	for _, l := range ls.open {
		waiting, _, ok := l.load()
		if !ok {
			continue
		}
		alive = append(alive, l)
		if best == nil || waiting < least {
			best, least = l, waiting
		}
	}
	clear(ls.open[len(alive):])
	ls.open = alive
	if best == nil || least >= busyLine && len(alive) < mostLines {
		ls.order()
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

// make dials, whoever waits for it, and then reads what comes.
func (ls *lines) make(d *dialing) {
	c, err := ls.dial(context.Background())
	var l *line
	ls.mu.Lock()
	ls.coming = nil
	switch {
	case err != nil:
		d.err = err
	case ls.closed:
		d.err = errLineClosed
	default:
		l = newLine(c, ls.timeout)
		ls.open = append(ls.open, l)
	}
	ls.mu.Unlock()
	close(d.done)
	switch {
	case l != nil:
		l.listen()
	case c != nil:
		c.leave()
	}
}

// tidy closes lines that nobody has used for long.
func (ls *lines) tidy() {
	ls.end(func(waiting int, used time.Time) bool { return waiting == 0 && time.Since(used) > maxIdle })
}

// close ends all lines, and waits for those who read from them.
func (ls *lines) close() {
	ls.mu.Lock()
	ls.closed = true
	ls.mu.Unlock()
	ls.end(func(int, time.Time) bool { return true })
	ls.work.Wait()
}

func (ls *lines) end(which func(waiting int, used time.Time) bool) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	for _, l := range ls.open {
		if waiting, used, alive := l.load(); alive && which(waiting, used) {
			l.fail(errLineClosed)
		}
	}
}

func (ls *lines) stats() PoolStats {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	idle := 0
	for _, l := range ls.open {
		if waiting, _, alive := l.load(); alive && waiting == 0 {
			idle++
		}
	}
	return ls.gate.stats(idle)
}
