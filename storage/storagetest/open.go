package storagetest

import (
	"crypto/rand"
	"testing"

	"twofold/storage"
	"twofold/storage/memory"
)

// NewMemory gives a store without files, under a key of its own. It is
// verified and closed when the test ends.
func NewMemory(t testing.TB) *storage.Store {
	t.Helper()
	engine, err := memory.New()
	if err != nil {
		t.Fatal(err)
	}
	var master [32]byte
	if _, err := rand.Read(master[:]); err != nil {
		t.Fatal(err)
	}
	s, err := storage.New(engine, master)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { CloseVerified(t, s) })
	return s
}

// CloseVerified reads every record of the store and compares their number with
// what the engine counted, then closes it.
func CloseVerified(t testing.TB, s *storage.Store) {
	t.Helper()
	if failed := s.Stats().Failed; failed == nil {
		verify(t, s)
	}
	if err := s.Close(); err != nil {
		t.Errorf("closing the store: %v", err)
	}
}

func verify(t testing.TB, s *storage.Store) {
	t.Helper()
	settle(t, s)
	read, err := s.Verify(background)
	if err != nil {
		t.Errorf("verifying the store: %v", err)
	}
	if counted := s.Stats().Records; err == nil && read != counted {
		t.Errorf("the store has %d records and counts %d", read, counted)
	}
}
