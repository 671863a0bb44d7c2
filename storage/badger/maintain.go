package badger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dgraph-io/badger/v4"
)

const (
	maintainEvery  = time.Hour
	maintainRounds = 4 // value log files rewritten at most each time
)

// maintain runs Maintain now and then until ctx ends.
func (e *Engine) maintain(ctx context.Context, every time.Duration, warn func(string)) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := e.Maintain(); err != nil && warn != nil {
				warn(err.Error())
			}
		case <-ctx.Done():
			return
		}
	}
}

// Maintain gives back space that Badger does not give back by itself: records
// beyond its value threshold leave their values in a log. Tables it compacts
// as they grow. A round rewrites at most one small file, so that the whole is
// bounded.
func (e *Engine) Maintain() error {
	for range maintainRounds {
		err := e.db.RunValueLogGC(0.5)
		switch {
		case errors.Is(err, badger.ErrNoRewrite), errors.Is(err, badger.ErrRejected):
			return nil
		case err != nil:
			return fmt.Errorf("maintaining the store: %w", err)
		}
	}
	return nil
}
