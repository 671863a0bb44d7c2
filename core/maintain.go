package core

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// The bounds of one call of Maintain (I12): records in one transaction, and
// transactions. At 160,000 records a minute it keeps up with 1,300 logins a
// second for ever.
const (
	pruneBatch   = 400
	pruneBatches = 400
)

// Maintain writes the sums of refusals that came in floods, and removes what
// has had its time: events by age and size, and spent challenges. It is called
// once a minute; one call does a bounded amount of work.
func (s *Service) Maintain(ctx context.Context) error {
	return errors.Join(s.flushFloods(ctx), s.pruneNonces(ctx), s.pruneEvents(ctx))
}

// flushFloods writes the sums of the minutes that are over.
func (s *Service) flushFloods(ctx context.Context) error {
	return s.writeSums(ctx, s.floods.drain(s.now()))
}

// writeSums writes one event for each kind of refusal that was counted.
func (s *Service) writeSums(ctx context.Context, sums []summed) error {
	for i, sum := range sums {
		err := s.record(ctx, Event{
			Reason: RefusalsSummed, Client: sum.key.client, Count: sum.count,
			Detail: fmt.Sprintf("%s, since %s", sum.key.reason.Name(), sum.since.UTC().Format(time.RFC3339)),
		})
		if err != nil {
			s.floods.giveBack(sums[i:])
			return fmt.Errorf("writing sums of refusals: %w", err)
		}
	}
	return nil
}

// nonceGrace is how long spent challenges are kept beyond their end, in case
// the clock is set back a little: that long they could be answered again.
const nonceGrace = 10 * time.Minute

// pruneNonces removes spent challenges that could not be answered any more.
func (s *Service) pruneNonces(ctx context.Context) error {
	for range pruneBatches {
		gone, err := s.endedNonces(ctx)
		if err == nil && len(gone) > 0 {
			err = s.commit(WithReserve(ctx), func(w *work) error {
				for _, key := range gone {
					w.Delete(&bare{kindNonce, key})
				}
				return nil
			})
		}
		if err != nil {
			return fmt.Errorf("removing spent challenges: %w", err)
		}
		if len(gone) < pruneBatch {
			return nil
		}
	}
	return nil
}

func (s *Service) endedNonces(ctx context.Context) (keys []string, err error) {
	limit := (&nonce{Expires: s.now().Add(-nonceGrace)}).Key()
	err = s.store.Scan(ctx, kindNonce, "", func(key string, _ func(Record) error) bool {
		if key >= limit || len(keys) == pruneBatch {
			return false
		}
		keys = append(keys, key)
		return ctx.Err() == nil
	})
	return keys, errors.Join(err, ctx.Err())
}
