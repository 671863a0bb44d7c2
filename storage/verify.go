package storage

import (
	"context"
	"fmt"
	"strings"

	"twofold/core"
)

// Verify opens every record, to no other end than to see that it opens, and
// counts them. Tests do it after everything; doctor may.
func (s *Store) Verify(ctx context.Context) (records uint64, err error) {
	scanErr := s.engine.Scan(ctx, "", "", func(key string, value func() ([]byte, error)) bool {
		err = s.verify(key, value)
		records++
		return err == nil
	})
	if err == nil {
		err = scanErr
	}
	return records, err
}

func (s *Store) verify(key string, value func() ([]byte, error)) error {
	sealed, err := value()
	if err == nil {
		_, err = s.sealer.open(key, sealed, s.sealer.recordKey)
	} else {
		err = fmt.Errorf("%w: %w", core.ErrDamaged, err)
	}
	if err != nil {
		kind, _, _ := strings.Cut(key, "\x00")
		return fmt.Errorf("verifying a %s record: %w", kind, err)
	}
	return nil
}
