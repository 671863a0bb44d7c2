package storagetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"twofold/core"
)

// names scans, and gives the keys it met until n were met.
func names(t *testing.T, s core.Store, kind core.Kind, after string, n int) (keys []string) {
	t.Helper()
	err := s.Scan(background, kind, after, func(key string, load func(core.Record) error) bool {
		r := &Record{Sort: kind, Name: key}
		if err := load(r); err != nil {
			t.Errorf("loading %q: %v", key, err)
		}
		keys = append(keys, key+"="+string(r.Value))
		return len(keys) < n
	})
	if err != nil {
		t.Errorf("scanning: %v", err)
	}
	return keys
}

func wantNames(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("scan differs (-want +got):\n%s", diff)
	}
}

func testScanOrder(t *testing.T, suite Suite) {
	s := suite.open(t)
	put(t, s, text("b", "2"), text("\xff", "4"), text("a", "1"), text("b\x00", "3"))
	wantNames(t, names(t, s, "test", "", 99), "a=1", "b=2", "b\x00=3", "\xff=4")
	wantNames(t, names(t, s, "test", "b", 99), "b\x00=3", "\xff=4")
	wantNames(t, names(t, s, "test", "aa", 99), "b=2", "b\x00=3", "\xff=4")
	wantNames(t, names(t, s, "test", "a", 2), "b=2", "b\x00=3")
	wantNames(t, names(t, s, "test", "\xff", 99))
}

func testScanKind(t *testing.T, suite Suite) {
	s := suite.open(t)
	put(t, s, text("a", "1"), &Record{Sort: "tes", Name: "t", Value: []byte("2")},
		&Record{Sort: "test2", Name: "a", Value: []byte("3")})
	wantNames(t, names(t, s, "test", "", 99), "a=1")
	wantNames(t, names(t, s, "tes", "", 99), "t=2")
	wantNames(t, names(t, s, "none", "", 99))
	err := s.Scan(t.Context(), "", "", func(string, func(core.Record) error) bool { return true })
	if err == nil {
		t.Error("a scan without a kind succeeded")
	}
}

func testScanOrdered(t *testing.T, suite Suite) {
	s := suite.open(t)
	put(t, s, text("a", "1"), text("c", "3"), text("e", "5"), text("g", "7"))
	_, err := s.Update(t.Context(), func(tx core.Tx) error {
		tx.Put(text("b", "2"))
		tx.Put(text("c", "new"))
		tx.Delete(text("e", ""))
		tx.Put(text("z", "26"))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	wantNames(t, names(t, s, "test", "", 99), "a=1", "b=2", "c=new", "g=7", "z=26")
	wantNames(t, names(t, s, "test", "a", 2), "b=2", "c=new")
}

// testScanWhole moves an amount back and forth while others add it up.
func testScanWhole(t *testing.T, suite Suite) {
	s := suite.open(t)
	put(t, s, number("x", 1000), number("y", 0))
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { shuffle(t, s, ctx) })
	for range 200 {
		total := uint64(0)
		err := s.Scan(t.Context(), "test", "", func(key string, load func(core.Record) error) bool {
			r := &Record{Name: key}
			if err := load(r); err != nil {
				t.Error(err)
			}
			total += r.Number()
			return true
		})
		if err != nil || total != 1000 {
			t.Fatalf("a scan adds up to %d, %v; want 1000", total, err)
		}
	}
	stop()
	wg.Wait()
}

func shuffle(t *testing.T, s core.Store, ctx context.Context) {
	for i := uint64(1); ctx.Err() == nil; i++ {
		d, err := s.Update(background, func(tx core.Tx) error {
			tx.Put(number("x", 1000-i%1000))
			tx.Put(number("y", i%1000))
			return nil
		})
		if err == nil && i%7 == 0 {
			err = d.Wait(background)
		}
		if err != nil {
			t.Error(err)
			return
		}
	}
}

func testScanContext(t *testing.T, suite Suite) {
	s := suite.open(t)
	for i := range 10 {
		put(t, s, text(fmt.Sprint("a", i), "1"))
	}
	ctx, stop := context.WithCancel(t.Context())
	visits := 0
	err := s.Scan(ctx, "test", "", func(string, func(core.Record) error) bool {
		visits++
		stop()
		return true
	})
	if !errors.Is(err, context.Canceled) || visits != 1 {
		t.Errorf("a cancelled scan made %d visits and gave %v", visits, err)
	}
}
