package storage

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"twofold/core"
)

// disk watches free space: Badger faults where the disk is really full, so
// writing ends well before (I12), and what is left is kept for Accepts (I11).
type disk struct {
	free    func() (uint64, error)
	low     uint64
	reserve uint64
	left    atomic.Uint64
	stop    chan struct{}
	done    sync.WaitGroup
}

// newDisk looks once. It fails where the disk cannot be asked.
func newDisk(free func() (uint64, error), low, reserve uint64) (*disk, error) {
	d := &disk{free: free, low: low, reserve: reserve, stop: make(chan struct{})}
	left, err := free()
	if err != nil {
		return nil, fmt.Errorf("asking for free disk space: %w", err)
	}
	d.left.Store(left)
	return d, nil
}

func (d *disk) watch(every time.Duration) {
	d.done.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				d.look()
			case <-d.stop:
				return
			}
		}
	})
}

// look takes a disk that cannot be asked for a full one.
func (d *disk) look() {
	left, err := d.free()
	if err != nil {
		left = 0
	}
	d.left.Store(left)
}

func (d *disk) close() error {
	close(d.stop)
	d.done.Wait()
	return nil
}

// admits tells whether a transaction may write.
func (d *disk) admits(ctx context.Context) error {
	if d == nil {
		return nil
	}
	left := d.left.Load()
	if left >= d.low || (left >= d.reserve && core.MayUseReserve(ctx)) {
		return nil
	}
	return fmt.Errorf("%w: %d MiB left in the state directory", ErrLowDisk, left>>20)
}

func statfs(dir string) func() (uint64, error) {
	return func() (uint64, error) {
		var s unix.Statfs_t
		err := unix.Statfs(dir, &s)
		return s.Bavail * uint64(s.Bsize), err
	}
}
