package storage

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"twofold/core"
)

// Store seals records over an engine. It implements core.Store.
type Store struct {
	engine Engine
	sealer *sealer
	disk   *disk          // nil: not watched
	close  []func() error // what else Close ends
	once   sync.Once
	ended  error // of Close
}

var _ core.Store = (*Store)(nil)

// New gives a store over an engine that is open already, without the files
// and checks of Open. It is what tests use.
func New(engine Engine, master [32]byte) (*Store, error) {
	s, err := newSealer(&master)
	if err != nil {
		return nil, err
	}
	return &Store{engine: engine, sealer: s}, nil
}

// Update implements core.Store. Beyond what that says: fn must not call the
// store; a record that cannot be marshalled, or is too large, fails the
// transaction after fn has returned.
func (s *Store) Update(ctx context.Context, fn func(core.Tx) error) (core.Durable, error) {
	if err := s.disk.admits(ctx); err != nil {
		return nil, err
	}
	return s.engine.Update(ctx, func(inner EngineTx) error {
		t := &tx{store: s, inner: inner}
		defer t.end()
		if err := fn(t); err != nil {
			return err
		}
		return t.err
	})
}

// Scan implements core.Store.
func (s *Store) Scan(ctx context.Context, kind core.Kind, after string, visit func(string, func(core.Record) error) bool) error {
	if err := checkKind(kind); err != nil {
		return err
	}
	prefix := string(kind) + "\x00"
	if after != "" {
		after = prefix + after
	}
	return s.engine.Scan(ctx, prefix, after, func(key string, value func() ([]byte, error)) bool {
		name := strings.TrimPrefix(key, prefix)
		return visit(name, func(r core.Record) error {
			if r.Kind() != kind || r.Key() != name {
				return fmt.Errorf("loading a %s record into another", kind)
			}
			sealed, err := value()
			return s.fill(r, key, sealed, err, s.sealer.recordKey)
		})
	})
}

// fill opens what was stored under key into r.
func (s *Store) fill(r core.Record, key string, sealed []byte, err error, get func(string) (*recordKey, error)) error {
	if err != nil {
		return fmt.Errorf("reading a %s record: %w: %w", r.Kind(), core.ErrDamaged, err)
	}
	plain, err := s.sealer.open(key, sealed, get)
	if err != nil {
		return fmt.Errorf("opening a %s record: %w", r.Kind(), err)
	}
	if err := r.UnmarshalBinary(plain); err != nil {
		return fmt.Errorf("parsing a %s record: %w: %w", r.Kind(), core.ErrDamaged, err)
	}
	return nil
}

// Close commits what is ordered and lets go of the files. Again, it does
// nothing.
func (s *Store) Close() error {
	s.once.Do(func() {
		s.ended = s.engine.Close()
		for _, f := range s.close {
			s.ended = errors.Join(s.ended, f())
		}
	})
	return s.ended
}

// tx is one transaction's view.
type tx struct {
	store *Store
	inner EngineTx
	err   error // the first that Put or Delete could not return
}

// end makes a transaction that was kept beyond its closure useless.
func (t *tx) end() { t.inner = nil }

// Get implements core.Tx.
func (t *tx) Get(r core.Record) error {
	key, err := storageKey(r)
	if err != nil {
		return err
	}
	sealed, found, err := t.inner.Get(key)
	if err == nil && !found {
		return core.ErrMissing
	}
	return t.store.fill(r, key, sealed, err, t.store.sealer.keptKey)
}

// Put implements core.Tx.
func (t *tx) Put(r core.Record) {
	if err := t.put(r); err != nil && t.err == nil {
		t.err = fmt.Errorf("writing a %s record: %w", r.Kind(), err)
	}
}

func (t *tx) put(r core.Record) error {
	key, err := storageKey(r)
	if err != nil {
		return err
	}
	plain, err := r.MarshalBinary()
	if err != nil {
		return err
	}
	if len(plain) > MaxRecord {
		return fmt.Errorf("%w: %d octets", ErrTooLarge, len(plain))
	}
	sealed, err := t.store.sealer.seal(key, plain)
	if err != nil {
		return err
	}
	t.inner.Put(key, sealed)
	return nil
}

// Delete implements core.Tx.
func (t *tx) Delete(r core.Record) {
	key, err := storageKey(r)
	if err != nil {
		t.err = errors.Join(t.err, err)
		return
	}
	t.inner.Delete(key)
}

func storageKey(r core.Record) (string, error) {
	kind, key := r.Kind(), r.Key()
	if err := checkKind(kind); err != nil {
		return "", err
	}
	if key == "" || len(key) > MaxKey {
		return "", fmt.Errorf("%w: key of a %s record has %d octets", ErrTooLarge, kind, len(key))
	}
	return string(kind) + "\x00" + key, nil
}

// checkKind keeps kinds apart: a NUL ends one, and the empty one is ours.
func checkKind(kind core.Kind) error {
	if kind == "" || len(kind) > MaxKind || strings.IndexByte(string(kind), 0) >= 0 {
		return fmt.Errorf("kind %q is not one of 1 to %d octets without NUL", string(kind), MaxKind)
	}
	return nil
}
