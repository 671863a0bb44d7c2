package badger

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// guard is the file that knows how far the database had come. It holds two
// notes, written in turn, each in a sector of its own: a torn write leaves the
// other.
//
//	0       512      1024
//	+--------+--------+
//	| note A | note B |
//	+--------+--------+
type guard struct {
	file  *os.File
	keep  *keeper
	turn  int
	dirty atomic.Bool
	stop  chan struct{}
	done  sync.WaitGroup
}

const (
	guardSector = 512
	guardSlots  = 2
)

// guardPath is beside the directory, so that whoever puts back an old
// directory does not put back its guard.
func guardPath(dir string) string { return filepath.Clean(dir) + ".guard" }

// readGuard gives the newer of the notes. It fails with fs.ErrNotExist where
// there is no file, and with what is wrong with the notes where none is right.
func readGuard(path string, k *keeper) (newest note, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return note{}, fmt.Errorf("reading the guard: %w", err)
	}
	err = errNoNote
	for i := range guardSlots {
		n, e := k.decode("guard", b[min(len(b), i*guardSector):])
		switch {
		case e == nil && (err != nil || n.number > newest.number):
			newest, err = n, nil
		case e != nil && err != nil && !errors.Is(e, errNoNote):
			err = e
		}
	}
	return newest, err
}

// openGuard makes or opens the file and brings it up to n.
func openGuard(path string, k *keeper, n note) (*guard, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the guard: %w", err)
	}
	g := &guard{file: f, keep: k, stop: make(chan struct{})}
	for range guardSlots {
		err = errors.Join(err, g.write(n))
	}
	err = errors.Join(err, f.Truncate(guardSlots*guardSector), g.sync(), syncDir(filepath.Dir(path)))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("writing the guard: %w", err), f.Close())
	}
	return g, nil
}

// write is called after the flush of the group that n names.
func (g *guard) write(n note) error {
	_, err := g.file.WriteAt(g.keep.encode("guard", n), int64(g.turn*guardSector))
	if err != nil {
		return fmt.Errorf("writing the guard: %w", err)
	}
	g.turn = (g.turn + 1) % guardSlots
	g.dirty.Store(true)
	return nil
}

func (g *guard) sync() error {
	if !g.dirty.Swap(false) {
		return nil
	}
	if err := g.file.Sync(); err != nil {
		g.dirty.Store(true)
		return fmt.Errorf("flushing the guard: %w", err)
	}
	return nil
}

// follow flushes now and then until close; fail hears of an error.
func (g *guard) follow(every time.Duration, fail func(error)) {
	g.done.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				if err := g.sync(); err != nil {
					fail(err)
					return
				}
			case <-g.stop:
				return
			}
		}
	})
}

func (g *guard) close() error {
	close(g.stop)
	g.done.Wait()
	return errors.Join(g.sync(), g.file.Close())
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("flushing a directory: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}
