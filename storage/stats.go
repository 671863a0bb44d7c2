package storage

import (
	"context"

	"twofold/core"
)

// Stats is for metrics.
type Stats struct {
	EngineStats
	Free uint64 // octets left on the disk when it was last asked
	Low  bool   // only what may use the reserve is written
}

// Stats of the store.
func (s *Store) Stats() Stats {
	st := Stats{EngineStats: s.engine.Stats()}
	if s.disk != nil {
		st.Free = s.disk.left.Load()
		st.Low = st.Free < s.disk.low
	}
	return st
}

// Healthy tells why the store does not take writes, or nil. It is for the
// readiness probe.
func (s *Store) Healthy() error {
	if err := s.engine.Stats().Failed; err != nil {
		return err
	}
	return s.disk.admits(core.WithReserve(context.Background()))
}
