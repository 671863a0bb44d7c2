package ordered_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"twofold/storage/ordered"
)

// disk is a Backend that a test can hold up, and break.
type disk struct {
	mu      sync.Mutex
	held    map[string][]byte
	commits [][]string    // the keys of each
	begun   chan struct{} // a token for each commit that began
	gate    chan error    // nil: commits pass
}

var errDisk = errors.New("the disk has gone")

func (d *disk) Snapshot() (ordered.Snapshot, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return view(maps.Clone(d.held)), nil
}

func (d *disk) Commit(_ ordered.Snapshot, writes map[string]ordered.Write) error {
	if d.gate != nil {
		d.begun <- struct{}{}
		if err := <-d.gate; err != nil {
			return err
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.commits = append(d.commits, slices.Sorted(maps.Keys(writes)))
	for key, w := range writes {
		if d.held[key] = w.Value; w.Deleted {
			delete(d.held, key)
		}
	}
	return nil
}

func (d *disk) Close() error { return nil }

func (d *disk) made() [][]string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.commits)
}

type view map[string][]byte

func (v view) Get(key string) ([]byte, bool, error) { b, ok := v[key]; return b, ok, nil }
func (v view) Release()                             {}

func (v view) Scan(prefix, after string, visit func(string, func() ([]byte, error)) bool) error {
	for _, key := range slices.Sorted(maps.Keys(v)) {
		if strings.HasPrefix(key, prefix) && key > after && !visit(key, func() ([]byte, error) { return v[key], nil }) {
			return nil
		}
	}
	return nil
}

func start(t *testing.T, d *disk, c ordered.Config) *ordered.Group {
	t.Helper()
	d.held = map[string][]byte{}
	d.begun = make(chan struct{}, 100)
	c.Backend = d
	g, err := ordered.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if d.gate != nil {
			close(d.gate)
		}
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	return g
}
