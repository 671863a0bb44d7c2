// Package memory is an engine without files, for tests of what stands above.
// It orders and commits as the others do, and forgets everything at Close.
package memory

import (
	"slices"
	"strings"
	"sync"

	"twofold/storage"
	"twofold/storage/ordered"
)

// Engine implements storage.Engine.
type Engine struct {
	*ordered.Group
	data *data
}

var _ storage.Engine = (*Engine)(nil)

// New gives an empty engine.
func New() (*Engine, error) {
	d := &data{keys: map[string][]version{}, views: map[uint64]int{}}
	g, err := ordered.New(ordered.Config{Backend: d})
	if err != nil {
		return nil, err
	}
	return &Engine{Group: g, data: d}, nil
}

// Stats implements storage.Engine.
func (e *Engine) Stats() storage.EngineStats {
	s := e.Group.Stats()
	s.Records, s.Verified = e.data.live(), true
	return s
}

// data keeps of each key the versions that somebody may still look at, oldest
// first. It implements ordered.Backend.
type data struct {
	mu     sync.RWMutex
	keys   map[string][]version
	views  map[uint64]int // how many look at the state after that commit
	number uint64
	count  uint64
}

type version struct {
	number uint64
	ordered.Write
}

func (d *data) live() uint64 {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.count
}

// Snapshot implements ordered.Backend.
func (d *data) Snapshot() (ordered.Snapshot, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.views[d.number]++
	return snapshot{d, d.number}, nil
}

// Commit implements ordered.Backend.
func (d *data) Commit(base ordered.Snapshot, writes map[string]ordered.Write) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	oldest := d.number
	for n := range d.views {
		oldest = min(oldest, n)
	}
	d.number++
	for key, w := range writes {
		d.write(key, version{d.number, w}, oldest)
	}
	return nil
}

func (d *data) write(key string, v version, oldest uint64) {
	old := d.keys[key]
	if len(old) > 0 && !old[len(old)-1].Deleted {
		d.count--
	}
	if !v.Deleted {
		d.count++
	}
	for len(old) > 1 && old[1].number <= oldest {
		old = old[1:]
	}
	d.keys[key] = append(slices.Clip(old), v)
}

// Close implements ordered.Backend.
func (d *data) Close() error { return nil }

// snapshot is the state after a commit. It implements ordered.Snapshot.
type snapshot struct {
	data   *data
	number uint64
}

// Get implements ordered.Snapshot.
func (s snapshot) Get(key string) (value []byte, found bool, err error) {
	s.data.mu.RLock()
	defer s.data.mu.RUnlock()
	for _, v := range slices.Backward(s.data.keys[key]) {
		if v.number <= s.number {
			return v.Value, !v.Deleted, nil
		}
	}
	return nil, false, nil
}

// Scan implements ordered.Snapshot.
func (s snapshot) Scan(prefix, after string, visit func(string, func() ([]byte, error)) bool) error {
	for _, key := range s.data.sorted(prefix, after) {
		value, found, err := s.Get(key)
		if err != nil {
			return err
		}
		if found && !visit(key, func() ([]byte, error) { return value, nil }) {
			return nil
		}
	}
	return nil
}

func (d *data) sorted(prefix, after string) (keys []string) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for key := range d.keys {
		if strings.HasPrefix(key, prefix) && key > after {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// Release implements ordered.Snapshot.
func (s snapshot) Release() {
	s.data.mu.Lock()
	defer s.data.mu.Unlock()
	if s.data.views[s.number]--; s.data.views[s.number] == 0 {
		delete(s.data.views, s.number)
	}
}
