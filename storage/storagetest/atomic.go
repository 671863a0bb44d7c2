package storagetest

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"twofold/core"
	"twofold/storage"
)

var errRefused = errors.New("refused by the closure")

func testWhole(t *testing.T, suite Suite) {
	s := suite.open(t)
	put(t, s, text("a", "1"), text("b", "2"))
	wantValue(t, s, "a", "1")
	wantValue(t, s, "b", "2")
}

func testError(t *testing.T, suite Suite) {
	s := suite.open(t)
	put(t, s, text("a", "before"))
	_, err := s.Update(t.Context(), func(tx core.Tx) error {
		tx.Put(text("a", "after"))
		tx.Put(text("b", "new"))
		return errRefused
	})
	if !errors.Is(err, errRefused) {
		t.Errorf("Update = %v, want the closure's error", err)
	}
	wantValue(t, s, "a", "before")
	wantValue(t, s, "b", "missing")
}

func testPanic(t *testing.T, suite Suite) {
	s := suite.open(t)
	var others sync.WaitGroup
	for i := range 20 {
		others.Go(func() { put(t, s, text(fmt.Sprint("other", i), "kept")) })
	}
	_, err := s.Update(t.Context(), func(tx core.Tx) error {
		tx.Put(text("a", "lost"))
		panic("on purpose")
	})
	others.Wait()
	var p *storage.PanicError
	if !errors.As(err, &p) || !strings.Contains(string(p.Stack), "testPanic") {
		t.Errorf("Update = %v, want the panic with its stack", err)
	}
	wantValue(t, s, "a", "missing")
	for i := range 20 {
		wantValue(t, s, fmt.Sprint("other", i), "kept")
	}
}

func testGoexit(t *testing.T, suite Suite) {
	s := suite.open(t)
	_, err := s.Update(t.Context(), func(tx core.Tx) error {
		tx.Put(text("a", "lost"))
		runtime.Goexit()
		return nil
	})
	if err == nil {
		t.Error("Update succeeded, and its closure never returned")
	}
	put(t, s, text("b", "kept"))
	wantValue(t, s, "a", "missing")
	wantValue(t, s, "b", "kept")
}

func testOwnWrites(t *testing.T, suite Suite) {
	s := suite.open(t)
	put(t, s, text("a", "old"), text("gone", "old"))
	write(t, s, func(tx core.Tx) error {
		tx.Put(text("a", "new"))
		tx.Delete(text("gone", ""))
		a, gone := text("a", ""), text("gone", "")
		if err := tx.Get(a); err != nil || string(a.Value) != "new" {
			t.Errorf("own write reads %q, %v", a.Value, err)
		}
		if err := tx.Get(gone); !errors.Is(err, core.ErrMissing) {
			t.Errorf("own deletion reads %v", err)
		}
		return nil
	})
}

func testSeesOrdered(t *testing.T, suite Suite) {
	s := suite.open(t)
	for i := range uint64(300) {
		d, err := s.Update(t.Context(), func(tx core.Tx) error { return increment(tx, "n") })
		if err != nil {
			t.Fatal(err)
		}
		if i%50 == 0 {
			go d.Wait(background) // begins a commit, under which the rest goes on
		}
	}
	want := string(number("", 300).Value)
	wantValue(t, s, "n", want)
}

func testMissingDamaged(t *testing.T, suite Suite) {
	s := suite.open(t)
	put(t, s, text("a", "1"))
	_, err := s.Update(t.Context(), func(tx core.Tx) error { return tx.Get(text("b", "")) })
	if !errors.Is(err, core.ErrMissing) || errors.Is(err, core.ErrDamaged) {
		t.Errorf("a missing record reads %v", err)
	}
	_, err = s.Update(t.Context(), func(tx core.Tx) error { return tx.Get(&picky{Record{Name: "a"}}) })
	if !errors.Is(err, core.ErrDamaged) || errors.Is(err, core.ErrMissing) {
		t.Errorf("a record that does not parse reads %v", err)
	}
}

// picky parses and marshals nothing.
type picky struct{ Record }

func (*picky) UnmarshalBinary([]byte) error   { return errors.New("not to my taste") }
func (*picky) MarshalBinary() ([]byte, error) { return nil, errors.New("not to my taste") }

func testDelete(t *testing.T, suite Suite) {
	s := suite.open(t)
	put(t, s, text("a", "1"))
	write(t, s, func(tx core.Tx) error { tx.Delete(text("a", "")); return nil })
	wantValue(t, s, "a", "missing")
	write(t, s, func(tx core.Tx) error { tx.Delete(text("never", "")); return nil })
	put(t, s, text("a", "2"))
	wantValue(t, s, "a", "2")
}

func testIncrements(t *testing.T, suite Suite) {
	s := suite.open(t)
	const workers, each = 32, 50
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for range each {
				write(t, s, func(tx core.Tx) error {
					return errors.Join(increment(tx, "all"), increment(tx, fmt.Sprint("of", w)))
				})
			}
		})
	}
	wg.Wait()
	wantValue(t, s, "all", string(number("", workers*each).Value))
	for w := range workers {
		wantValue(t, s, fmt.Sprint("of", w), string(number("", each).Value))
	}
}

func testUnmarshalable(t *testing.T, suite Suite) {
	s := suite.open(t)
	_, err := s.Update(t.Context(), func(tx core.Tx) error {
		tx.Put(text("a", "1"))
		tx.Put(&picky{Record{Name: "b"}})
		return nil
	})
	if err == nil {
		t.Error("a transaction succeeded that could not write all it put")
	}
	wantValue(t, s, "a", "missing")
}
