package storage_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"twofold/core"
	"twofold/storage"
	"twofold/storage/storagetest"
)

func TestI11_ALowDiskKeepsRoomForAccepts(t *testing.T) {
	h := newHouse(t)
	var free atomic.Uint64
	free.Store(1 << 30)
	h.cfg.Free = func() (uint64, error) { return free.Load(), nil }
	h.cfg.Look = time.Millisecond
	s, _, err := storage.Open(h.cfg)
	h.must(err)
	defer storagetest.CloseVerified(t, s)
	for _, c := range []struct {
		free             uint64
		ordinary, accept bool
	}{
		{256 << 20, true, true}, {256<<20 - 1, false, true}, {64 << 20, false, true}, {64<<20 - 1, false, false}, {1 << 30, true, true},
	} {
		free.Store(c.free)
		for s.Stats().Free != c.free {
			time.Sleep(time.Millisecond)
		}
		wantTaken(t, s, c.free, c.ordinary, c.accept)
	}
}

func wantTaken(t *testing.T, s *storage.Store, free uint64, ordinary, accept bool) {
	t.Helper()
	nothing := func(core.Tx) error { return nil }
	_, err := s.Update(t.Context(), nothing)
	if (err == nil) != ordinary {
		t.Errorf("with %d octets free an ordinary transaction gave %v", free, err)
	}
	if err != nil && (!errors.Is(err, storage.ErrLowDisk) || !errors.Is(err, core.ErrUnavailable)) {
		t.Errorf("refused with %v", err)
	}
	_, err = s.Update(core.WithReserve(t.Context()), nothing)
	if (err == nil) != accept {
		t.Errorf("with %d octets free an Accept gave %v", free, err)
	}
	if healthy := s.Healthy() == nil; healthy != accept {
		t.Errorf("with %d octets free Healthy says %v", free, healthy)
	}
	if s.Stats().Low == ordinary {
		t.Errorf("with %d octets free Low is %v", free, s.Stats().Low)
	}
}

func TestAFullDiskIsNotEvenOpened(t *testing.T) {
	h := newHouse(t)
	h.cfg.Free = func() (uint64, error) { return 64<<20 - 1, nil }
	h.refuses(storage.ErrLowDisk, "make room")
}

func TestADiskThatCannotBeAskedIsTakenForFull(t *testing.T) {
	h := newHouse(t)
	var broken atomic.Bool
	h.cfg.Free = func() (uint64, error) {
		if broken.Load() {
			return 1 << 40, errors.New("stale file handle")
		}
		return 1 << 40, nil
	}
	h.cfg.Look = time.Millisecond
	s, _, err := storage.Open(h.cfg)
	h.must(err)
	defer func() { h.must(s.Close()) }()
	broken.Store(true)
	for s.Stats().Free != 0 {
		time.Sleep(time.Millisecond)
	}
	wantTaken(t, s, 0, false, false)
}
