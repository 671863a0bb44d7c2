package badger

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dgraph-io/badger/v4"

	"twofold/storage"
	"twofold/storage/ordered"
)

// Engine is a store in a directory. It implements storage.Engine.
type Engine struct {
	*ordered.Group
	db       *badger.DB
	records  atomic.Uint64
	verified atomic.Bool
	stop     context.CancelFunc
	done     sync.WaitGroup
}

var _ storage.Engine = (*Engine)(nil)

// budget is how long opening waits for the check of every record, enough for
// some 60,000; what takes longer goes on behind.
const budget = 100 * time.Millisecond

// Open opens or makes the store in c.Dir.
func Open(c storage.EngineConfig) (storage.Engine, storage.EngineOpened, error) {
	e, o, err := open(c, budget)
	if err != nil {
		return nil, o, err
	}
	return e, o, nil
}

func open(c storage.EngineConfig, budget time.Duration) (*Engine, storage.EngineOpened, error) {
	db, err := openDB(c)
	if err != nil {
		return nil, storage.EngineOpened{}, err
	}
	e, o, err := openOn(c, db, budget)
	if err != nil {
		return nil, o, errors.Join(err, db.Close())
	}
	return e, o, nil
}

func openOn(c storage.EngineConfig, db *badger.DB, budget time.Duration) (*Engine, storage.EngineOpened, error) {
	k := newKeeper(c)
	s := look(c, db, k)
	o, err := s.judge(c)
	if err != nil {
		return nil, o, err
	}
	ctx, stop := context.WithCancel(context.Background())
	e := &Engine{db: db, stop: stop}
	check := startCheck(ctx, db, newKeeper(c), s.meta)
	if o.Created || c.AcceptLoss {
		budget = time.Hour
	}
	if err := e.begin(c, k, s, &o, check, budget); err != nil {
		stop()
		<-check.done
		return nil, o, err
	}
	e.done.Go(func() { e.follow(check, c) })
	e.done.Go(func() { e.maintain(ctx, maintainEvery, c.Warn) })
	return e, o, nil
}

// begin makes the store good as far as that was asked for, and starts it.
func (e *Engine) begin(c storage.EngineConfig, k *keeper, s state, o *storage.EngineOpened, check *check, budget time.Duration) error {
	meta, err := e.settle(c, k, s, o, check, budget)
	if err != nil {
		return err
	}
	g, err := openGuard(guardPath(c.Dir), k, meta)
	if err != nil {
		return err
	}
	e.records.Store(meta.count)
	b := &backend{db: e.db, keep: k, guard: g, meta: meta, seen: func(n note) { e.records.Store(n.count) }}
	e.Group, err = ordered.New(ordered.Config{Backend: b})
	if err != nil {
		return errors.Join(err, g.close())
	}
	g.follow(time.Second, e.Fail)
	return nil
}

// settle gives the note the store begins with: the one it has, or a new one
// where it was just made, or has lost something and that is accepted.
func (e *Engine) settle(c storage.EngineConfig, k *keeper, s state, o *storage.EngineOpened, check *check, budget time.Duration) (note, error) {
	err := check.wait(budget)
	switch {
	case o.Created && (err != nil || check.found.count > 0):
		return note{}, &storage.Fault{Kind: storage.ErrBroken, What: "the store holds records, and not what it should know of them",
			Hint: "restore a backup; to begin anew move " + c.Dir + " away and run serve --init", Err: err}
	case err != nil && !c.AcceptLoss:
		return note{}, &storage.Fault{Kind: storage.ErrLost, What: "the store is not whole", Hint: hintLost, Err: err}
	case err != nil:
		o.Lost = true
	}
	if !o.Created && !o.Lost {
		return s.meta, nil
	}
	return s.renew(e.db, k, check.found)
}

// renew writes a note of what was found, numbered beyond all that was seen.
func (s state) renew(db *badger.DB, k *keeper, found note) (note, error) {
	n := note{id: s.meta.id, number: max(s.meta.number, s.guard.number) + 1, count: found.count, sum: found.sum}
	if s.metaErr != nil {
		if _, err := rand.Read(n.id[:]); err != nil {
			return note{}, fmt.Errorf("drawing an id: %w", err)
		}
		n.number = 1
	}
	err := db.Update(func(txn *badger.Txn) error {
		return txn.Set([]byte(metaRecord), k.encode("meta", n))
	})
	if err != nil {
		return note{}, fmt.Errorf("writing the store's notes: %w", err)
	}
	return n, nil
}

// follow waits for the check that opening did not wait for.
func (e *Engine) follow(check *check, c storage.EngineConfig) {
	<-check.done
	switch {
	case check.err == nil || c.AcceptLoss:
		e.verified.Store(true)
	case !errors.Is(check.err, context.Canceled):
		fault := &storage.Fault{Kind: storage.ErrLost, What: "the store is not whole", Hint: hintLost, Err: check.err}
		e.Fail(fault)
		if c.Warn != nil {
			c.Warn(fault.Error())
		}
	}
}

// Stats implements storage.Engine.
func (e *Engine) Stats() storage.EngineStats {
	s := e.Group.Stats()
	s.Records, s.Verified = e.records.Load(), e.verified.Load()
	return s
}

// Close implements storage.Engine.
func (e *Engine) Close() error {
	e.stop()
	e.done.Wait()
	return e.Group.Close()
}
