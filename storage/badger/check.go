package badger

import (
	"context"
	"fmt"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// check reads every record once and compares with what meta says.
type check struct {
	want  note
	done  chan struct{}
	found note // count and sum; valid once done is closed
	err   error
}

// startCheck begins with a view of now, so that what is written meanwhile does
// not matter.
func startCheck(ctx context.Context, db *badger.DB, k *keeper, want note) *check {
	c := &check{want: want, done: make(chan struct{})}
	s := snapshot{db.NewTransaction(false)}
	go func() {
		defer close(c.done)
		defer s.Release()
		c.err = c.read(ctx, s, k)
	}()
	return c
}

func (c *check) read(ctx context.Context, s snapshot, k *keeper) error {
	var bad error
	err := s.Scan("", "", func(key string, value func() ([]byte, error)) bool {
		v, err := value()
		if bad = err; err == nil {
			bad = ctx.Err()
		}
		c.found.count++
		c.found.sum = c.found.sum.add(k.print(key, v))
		return bad == nil
	})
	switch {
	case err != nil || bad != nil:
		return fmt.Errorf("reading every record: %w", errFirst(err, bad))
	case c.found.count != c.want.count:
		return fmt.Errorf("it has %d records and should have %d", c.found.count, c.want.count)
	case c.found.sum != c.want.sum:
		return fmt.Errorf("some of its %d records are not the newest", c.found.count)
	}
	return nil
}

// wait gives the outcome, or nil where it is not there in time.
func (c *check) wait(budget time.Duration) error {
	timer := time.NewTimer(budget)
	defer timer.Stop()
	select {
	case <-c.done:
		return c.err
	case <-timer.C:
		return nil
	}
}

func errFirst(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
