package ldapbind

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"twofold/core"
)

// How many names are remembered, found and unknown ones apart, so that a
// stranger's made-up names do not push out the users.
const (
	mostKnown   = 4096
	mostUnknown = 4096
	mostFlights = 4096
)

// lookups remembers what names led to, and has one question on its way for
// however many ask it. The key is the name as it was typed: which spellings
// are one only the directory knows.
type lookups struct {
	known   *ttlCache[string, core.Identity]
	unknown *ttlCache[string, error]
	limit   time.Duration // of one lookup whose caller set no deadline
	running sync.WaitGroup

	mu      sync.Mutex
	flights map[string]*flight
	closed  bool
}

type flight struct {
	done   chan struct{}
	who    core.Identity
	err    error
	gaveUp bool // whoever asked; the directory may be well
}

func newLookups(keep, limit time.Duration, now func() time.Time) *lookups {
	return &lookups{
		known:   newTTLCache[string, core.Identity](mostKnown, keep, now),
		unknown: newTTLCache[string, error](mostUnknown, keep, now),
		limit:   limit, flights: map[string]*flight{},
	}
}

// find answers from memory, or asks, or waits for somebody who asks already.
// When that one gives up, the next in line asks.
func (l *lookups) find(ctx context.Context, key string, ask func(context.Context) (core.Identity, error)) (core.Identity, error) {
	for {
		if who, ok := l.known.get(key); ok {
			return who, nil
		}
		if err, ok := l.unknown.get(key); ok {
			return core.Identity{}, err
		}
		f, mine, err := l.join(key)
		if err != nil {
			return core.Identity{}, err
		}
		if mine {
			return l.fly(ctx, key, f, ask)
		}
		select {
		case <-f.done:
			if !f.gaveUp {
				return f.who, f.err
			}
		case <-ctx.Done():
			return core.Identity{}, fmt.Errorf("%w: looking up a name: %w", core.ErrUnavailable, ctx.Err())
		}
	}
}

var errBrokeOff = fmt.Errorf("%w: a lookup broke off", core.ErrUnavailable)

var errClosed = fmt.Errorf("%w: directories are closed", core.ErrUnavailable)

// join returns the lookup for key, and whether the caller is the one to do it.
func (l *lookups) join(key string) (f *flight, mine bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f, ok := l.flights[key]; ok {
		return f, false, nil
	}
	if l.closed {
		return nil, false, errClosed
	}
	if len(l.flights) >= mostFlights {
		return nil, false, fmt.Errorf("%w: too many lookups under way", core.ErrUnavailable)
	}
	f = &flight{done: make(chan struct{})}
	l.flights[key] = f
	l.running.Add(1)
	return f, true, nil
}

// fly asks. Should that panic, those who wait learn of it, and so does the caller.
func (l *lookups) fly(ctx context.Context, key string, f *flight, ask func(context.Context) (core.Identity, error)) (core.Identity, error) {
	defer l.running.Done()
	defer l.land(key, f)
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, l.limit)
		defer cancel()
	}
	f.err = errBrokeOff
	f.who, f.err = ask(ctx)
	f.gaveUp = f.err != nil && ctx.Err() != nil
	return f.who, f.err
}

func (l *lookups) land(key string, f *flight) {
	switch {
	case f.err == nil:
		l.known.put(key, f.who)
	case errors.Is(f.err, core.ErrUnavailable):
	case errors.Is(f.err, core.ErrUnknownUser), errors.Is(f.err, core.ErrAmbiguous):
		l.unknown.put(key, f.err)
	}
	l.mu.Lock()
	delete(l.flights, key)
	l.mu.Unlock()
	close(f.done)
}

// forget drops what is remembered of a person, under every spelling.
func (l *lookups) forget(id core.AccountID) {
	l.known.forget(func(who core.Identity) bool { return who.ID == id })
}

// close waits for the lookups under way.
func (l *lookups) close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.running.Wait()
}
