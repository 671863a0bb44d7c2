package ordered

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"twofold/core"
	"twofold/storage"
)

// Write is one key's fate in a group.
type Write struct {
	Value   []byte
	Deleted bool
}

// Backend keeps committed groups. Its methods are called by one goroutine at
// a time.
type Backend interface {
	// Snapshot is a view of all that has been committed.
	Snapshot() (Snapshot, error)
	// Commit makes writes durable, all or none. base is the Snapshot taken
	// after the commit before. It returns what it counts.
	Commit(base Snapshot, writes map[string]Write) error
	Close() error
}

// Snapshot is a view that later commits do not change. Its methods are called
// from several goroutines.
type Snapshot interface {
	Get(key string) (value []byte, found bool, err error)
	// Scan is storage.Engine's.
	Scan(prefix, after string, visit func(key string, value func() ([]byte, error)) bool) error
	Release()
}

// Config of a Group. Zero values give what Badger's small tables want.
type Config struct {
	Backend Backend
	Delay   time.Duration // how long a group waits for somebody who wants it; 10 ms
	Records int           // in a group before it is committed anyway; 1500
	Octets  int           // likewise; 640 KiB
	Queue   int           // closures that may wait; more block their callers; 1024
}

func (c Config) withDefaults() Config {
	if c.Delay == 0 {
		c.Delay = 10 * time.Millisecond
	}
	if c.Records == 0 {
		c.Records = 1500
	}
	if c.Octets == 0 {
		c.Octets = 640 << 10
	}
	if c.Queue == 0 {
		c.Queue = 1024
	}
	return c
}

// Group orders and commits. It implements what storage.Engine asks for, save
// what only the backend knows.
type Group struct {
	cfg     Config
	queue   chan *request
	scans   chan *scanRequest
	kick    chan struct{} // somebody wants the pending group
	commits chan job
	done    chan result
	stop    chan struct{} // Close was called
	closed  chan struct{} // the runner has ended
	once    sync.Once
	views   sync.WaitGroup // scans under way

	requests sync.Pool
	err      error // of Close

	// The runner's own.
	base       *base
	pending    *batch
	committing *batch
	settled    *batch // a batch that is durable
	spare      map[string]Write
	tx         *tx
	timer      *time.Timer
	due        bool // the pending group has waited long enough

	failed  atomic.Pointer[error]
	updates atomic.Uint64
	groups  atomic.Uint64
	last    atomic.Int64
}

// New starts a Group. Close ends it, and closes the backend.
func New(c Config) (*Group, error) {
	c = c.withDefaults()
	first, err := c.Backend.Snapshot()
	if err != nil {
		return nil, fmt.Errorf("reading the store: %w", err)
	}
	g := &Group{
		cfg:     c,
		queue:   make(chan *request, c.Queue),
		scans:   make(chan *scanRequest),
		kick:    make(chan struct{}, 1),
		commits: make(chan job, 1),
		done:    make(chan result, 1),
		stop:    make(chan struct{}),
		closed:  make(chan struct{}),
		base:    newBase(first),
		timer:   time.NewTimer(time.Hour),
	}
	g.timer.Stop()
	g.settled = &batch{done: make(chan struct{})}
	close(g.settled.done)
	g.pending = g.newBatch()
	g.tx = &tx{group: g, writes: map[string]Write{}}
	go g.commit()
	go g.run()
	return g, nil
}

// Stats of what the Group counts.
func (g *Group) Stats() storage.EngineStats {
	return storage.EngineStats{
		Queue:      len(g.queue),
		Updates:    g.updates.Load(),
		Commits:    g.groups.Load(),
		LastCommit: time.Duration(g.last.Load()),
		Failed:     g.failure(),
	}
}

// Fail makes the Group refuse everything from now on.
func (g *Group) Fail(err error) {
	err = fmt.Errorf("%w: the store has stopped: %w", core.ErrUnavailable, err)
	g.failed.CompareAndSwap(nil, &err)
	select {
	case g.kick <- struct{}{}:
	default:
	}
}

func (g *Group) failure() error {
	if err := g.failed.Load(); err != nil {
		return *err
	}
	if isClosed(g.closed) {
		return storage.ErrClosed
	}
	return nil
}

// Close commits what is ordered, fails what waits and what is being scanned,
// and closes the backend.
func (g *Group) Close() error {
	g.once.Do(func() {
		close(g.stop)
		<-g.closed
		g.views.Wait()
		g.err = g.cfg.Backend.Close()
	})
	return g.err
}

// Update implements storage.Engine.
func (g *Group) Update(ctx context.Context, fn func(storage.EngineTx) error) (core.Durable, error) {
	r := g.newRequest(ctx, fn)
	select {
	case g.queue <- r:
	case <-ctx.Done():
		return nil, waitError(ctx)
	case <-g.closed:
		return nil, storage.ErrClosed
	}
	return g.await(r)
}

func (g *Group) await(r *request) (core.Durable, error) {
	select {
	case <-r.done:
		return g.end(r)
	case <-r.ctx.Done():
		if r.abandon() {
			return nil, waitError(r.ctx)
		}
	case <-g.closed:
		if r.abandon() {
			return nil, storage.ErrClosed
		}
	}
	<-r.done
	return g.end(r)
}

func waitError(ctx context.Context) error {
	return fmt.Errorf("%w: waiting for the store: %w", core.ErrUnavailable, ctx.Err())
}
