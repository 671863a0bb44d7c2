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
	limit   time.Duration // of one lookup, whoever waits for it
	running sync.WaitGroup

	mu      sync.Mutex
	flights map[string]*flight
	closed  bool
}

type flight struct {
	done chan struct{}
	who  core.Identity
	err  error
}

func newLookups(keep, limit time.Duration, now func() time.Time) *lookups {
	return &lookups{
		known:   newTTLCache[string, core.Identity](mostKnown, keep, now),
		unknown: newTTLCache[string, error](mostUnknown, keep, now),
		limit:   limit, flights: map[string]*flight{},
	}
}

// find answers from memory, or joins or starts a lookup. The lookup goes on
// when its first caller gives up: others may wait for it.
func (l *lookups) find(ctx context.Context, key string, ask func(context.Context) (core.Identity, error)) (core.Identity, error) {
	if who, ok := l.known.get(key); ok {
		return who, nil
	}
	if err, ok := l.unknown.get(key); ok {
		return core.Identity{}, err
	}
	f, err := l.join(ctx, key, ask)
	if err != nil {
		return core.Identity{}, err
	}
	select {
	case <-f.done:
		return f.who, f.err
	case <-ctx.Done():
		return core.Identity{}, fmt.Errorf("%w: looking up a name: %w", core.ErrUnavailable, ctx.Err())
	}
}

var errClosed = fmt.Errorf("%w: directories are closed", core.ErrUnavailable)

func (l *lookups) join(ctx context.Context, key string, ask func(context.Context) (core.Identity, error)) (*flight, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f, ok := l.flights[key]; ok {
		return f, nil
	}
	if l.closed {
		return nil, errClosed
	}
	if len(l.flights) >= mostFlights {
		return nil, fmt.Errorf("%w: too many lookups under way", core.ErrUnavailable)
	}
	f := &flight{done: make(chan struct{})}
	l.flights[key] = f
	l.running.Add(1)
	go l.fly(context.WithoutCancel(ctx), key, f, ask)
	return f, nil
}

func (l *lookups) fly(ctx context.Context, key string, f *flight, ask func(context.Context) (core.Identity, error)) {
	defer l.running.Done()
	defer l.land(key, f)
	defer func() {
		if p := recover(); p != nil {
			f.err = fmt.Errorf("%w: a lookup panicked: %v", core.ErrUnavailable, p)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, l.limit)
	defer cancel()
	f.who, f.err = ask(ctx)
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
