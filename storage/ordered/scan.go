package ordered

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync/atomic"

	"twofold/storage"
)

// base is a Snapshot that the runner shares with scans.
type base struct {
	Snapshot
	users atomic.Int32
}

func newBase(s Snapshot) *base {
	b := &base{Snapshot: s}
	b.users.Store(1)
	return b
}

func (b *base) release() {
	if b.users.Add(-1) == 0 {
		b.Release()
	}
}

// scanRequest asks the runner for a view of whole transactions.
type scanRequest struct {
	prefix, after string
	reply         chan view
}

// view is a base and, in order, the writes that hide parts of it.
type view struct {
	base   *base
	writes []named
	err    error
}

type named struct {
	key string
	Write
}

func (n named) get() ([]byte, error) { return n.Value, nil }

// view is called by the runner. It copies headers, not records, and at most
// two groups of them.
func (g *Group) view(s *scanRequest) view {
	if err := g.failure(); err != nil {
		return view{err: err}
	}
	writes := s.pick(nil, g.pending)
	if g.committing != nil {
		newer := g.pending.writes
		writes = slices.DeleteFunc(s.pick(nil, g.committing), func(n named) bool {
			_, hidden := newer[n.key]
			return hidden
		})
		writes = s.pick(writes, g.pending)
	}
	g.views.Add(1)
	g.base.users.Add(1)
	return view{base: g.base, writes: writes}
}

func (s *scanRequest) pick(to []named, b *batch) []named {
	for key, w := range b.writes {
		if strings.HasPrefix(key, s.prefix) && key > s.after {
			to = append(to, named{key, w})
		}
	}
	return to
}

// Scan implements storage.Engine.
func (g *Group) Scan(ctx context.Context, prefix, after string, visit func(string, func() ([]byte, error)) bool) error {
	s := &scanRequest{prefix: prefix, after: after, reply: make(chan view, 1)}
	select {
	case g.scans <- s:
	case <-ctx.Done():
		return waitError(ctx)
	case <-g.closed:
		return storage.ErrClosed
	}
	v := <-s.reply
	if v.err != nil {
		return v.err
	}
	defer g.views.Done()
	defer v.base.release()
	slices.SortFunc(v.writes, func(a, b named) int { return cmp.Compare(a.key, b.key) })
	err := v.scan(ctx, g.stop, prefix, after, visit)
	if err == nil && ctx.Err() != nil {
		err = waitError(ctx)
	}
	return err
}

// scan merges the base with the writes over it.
func (v *view) scan(ctx context.Context, stop <-chan struct{}, prefix, after string, visit func(string, func() ([]byte, error)) bool) error {
	going, stopped := true, false
	err := v.base.Scan(prefix, after, func(key string, value func() ([]byte, error)) bool {
		if stopped = isClosed(stop); stopped || ctx.Err() != nil {
			going = false
			return false
		}
		if going = v.visitBefore(key, visit); !going {
			return false
		}
		if w, hidden := v.take(key); hidden {
			going = w.Deleted || visit(key, w.get)
		} else {
			going = visit(key, value)
		}
		return going
	})
	if err == nil && stopped {
		err = storage.ErrClosed
	}
	if err == nil && going {
		v.visitBefore("", visit)
	}
	return err
}

// visitBefore visits the writes that come before key; all that are left where
// key is empty.
func (v *view) visitBefore(key string, visit func(string, func() ([]byte, error)) bool) bool {
	for len(v.writes) > 0 && (key == "" || v.writes[0].key < key) {
		w := v.writes[0]
		v.writes = v.writes[1:]
		if !w.Deleted && !visit(w.key, w.get) {
			return false
		}
	}
	return true
}

// take gives the write that hides key, if there is one.
func (v *view) take(key string) (w named, hidden bool) {
	if len(v.writes) == 0 || v.writes[0].key != key {
		return named{}, false
	}
	w, v.writes = v.writes[0], v.writes[1:]
	return w, true
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
