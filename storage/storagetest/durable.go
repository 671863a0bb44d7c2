package storagetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"twofold/core"
	"twofold/storage"
)

func testEndedContext(t *testing.T, suite Suite) {
	s := suite.open(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	_, err := s.Update(ctx, func(tx core.Tx) error { tx.Put(text("a", "1")); return nil })
	if !errors.Is(err, context.Canceled) || !errors.Is(err, core.ErrUnavailable) {
		t.Errorf("Update = %v, want cancelled and unavailable", err)
	}
	wantValue(t, s, "a", "missing")
}

func testContextInQueue(t *testing.T, suite Suite) {
	s := suite.open(t)
	running, release := make(chan bool), make(chan bool)
	go s.Update(background, func(core.Tx) error {
		close(running)
		<-release
		return nil
	})
	<-running
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer stop()
	_, err := s.Update(ctx, func(tx core.Tx) error { tx.Put(text("a", "1")); return nil })
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Update = %v, want that its time has ended", err)
	}
	close(release)
	settle(t, s)
	wantValue(t, s, "a", "missing")
}

// testReaderWaits: who has read an answer that is not durable yet must not
// take it for durable (I02).
func testReaderWaits(t *testing.T, suite Suite) {
	s := suite.open(t)
	first, err := s.Update(t.Context(), func(tx core.Tx) error { return increment(tx, "n") })
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.Update(t.Context(), func(tx core.Tx) error { return tx.Get(number("n", 0)) })
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	ended, stop := context.WithCancel(t.Context())
	stop()
	if err := first.Wait(ended); err != nil {
		t.Errorf("the reader's wait ended before what it read was durable: %v", err)
	}
}

func testUnwaited(t *testing.T, suite Suite) {
	s := suite.open(t)
	settle(t, s)
	before := s.Stats().Commits
	if _, err := s.Update(t.Context(), func(tx core.Tx) error { return increment(tx, "n") }); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(5 * time.Second); s.Stats().Commits == before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("nothing was committed in five seconds")
		}
	}
}

func testClosed(t *testing.T, suite Suite) {
	s := suite.open(t)
	d, err := s.Update(t.Context(), func(tx core.Tx) error { return increment(tx, "n") })
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := d.Wait(t.Context()); err != nil {
		t.Errorf("what was ordered before Close: %v", err)
	}
	_, err = s.Update(t.Context(), func(core.Tx) error { return nil })
	if !errors.Is(err, storage.ErrClosed) || !errors.Is(err, core.ErrUnavailable) {
		t.Errorf("Update after Close = %v", err)
	}
	err = s.Scan(t.Context(), "test", "", func(string, func(core.Record) error) bool { return true })
	if !errors.Is(err, storage.ErrClosed) {
		t.Errorf("Scan after Close = %v", err)
	}
}

func testReopen(t *testing.T, suite Suite) {
	dir := t.TempDir()
	for i := range uint64(4) {
		t.Run("", func(t *testing.T) {
			s := suite.Open(t, dir)
			wantNumber(t, s, "n", i)
			write(t, s, func(tx core.Tx) error { return increment(tx, "n") })
		})
	}
}

func wantNumber(t testing.TB, s core.Store, name string, want uint64) {
	t.Helper()
	r := number(name, 0)
	_, err := s.Update(t.Context(), func(tx core.Tx) error { return tx.Get(r) })
	if err != nil && !errors.Is(err, core.ErrMissing) {
		t.Error(err)
	}
	if r.Number() != want {
		t.Errorf("%s is %d, want %d", name, r.Number(), want)
	}
}
