package badger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"

	"twofold/core"
	"twofold/storage"
)

func config(t *testing.T) storage.EngineConfig {
	return storage.EngineConfig{Dir: filepath.Join(t.TempDir(), "db"), Unused: true, Secret: [32]byte{1}, KeyID: [4]byte{1}}
}

func mustOpen(t *testing.T, c storage.EngineConfig, budget time.Duration) *Engine {
	t.Helper()
	e, _, err := open(c, budget)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func putAll(t *testing.T, e *Engine, n int) {
	t.Helper()
	for i := range n {
		if _, err := e.Update(t.Context(), func(tx storage.EngineTx) error {
			tx.Put(fmt.Sprintf("k%06d", i), make([]byte, 400))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func closeAll(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// TestI07_ALargeStoreThatIsNotWholeStopsWhenThatIsSeen opens without waiting
// for the check, as a store of millions does.
func TestI07_ALargeStoreThatIsNotWholeStopsWhenThatIsSeen(t *testing.T) {
	c := config(t)
	e := mustOpen(t, c, budget)
	putAll(t, e, 1000)
	closeAll(t, e.Close())
	spoil(t, c.Dir, "k000500")
	warned := make(chan string, 1)
	c.Warn = func(s string) { warned <- s }
	e = mustOpen(t, c, 0)
	t.Log(<-warned)
	_, err := e.Update(t.Context(), func(storage.EngineTx) error { return nil })
	if !errors.Is(err, core.ErrUnavailable) || !errors.Is(err, storage.ErrLost) {
		t.Errorf("Update = %v", err)
	}
	if e.Stats().Verified {
		t.Error("the store counts as verified")
	}
	closeAll(t, e.Close())
}

func spoil(t *testing.T, dir, key string) {
	t.Helper()
	db, err := badger.Open(tuned(dir, nil))
	if err != nil {
		t.Fatal(err)
	}
	closeAll(t, db.Update(func(txn *badger.Txn) error { return txn.Delete([]byte(key)) }), db.Close())
}

func TestTheCheckIsNotDisturbedByWhatIsWrittenMeanwhile(t *testing.T) {
	c := config(t)
	e := mustOpen(t, c, budget)
	putAll(t, e, 2000)
	closeAll(t, e.Close())
	e = mustOpen(t, c, 0)
	putAll(t, e, 2000)
	for end := time.Now().Add(10 * time.Second); !e.Stats().Verified; time.Sleep(time.Millisecond) {
		if time.Now().After(end) || e.Stats().Failed != nil {
			t.Fatalf("not verified: %v", e.Stats().Failed)
		}
	}
	closeAll(t, e.Close())
}

func TestTheGuardSurvivesATornWrite(t *testing.T) {
	c := config(t)
	e := mustOpen(t, c, budget)
	putAll(t, e, 10)
	closeAll(t, e.Close())
	k := newKeeper(c)
	before, err := readGuard(guardPath(c.Dir), k)
	closeAll(t, err)
	octets, err := os.ReadFile(guardPath(c.Dir))
	closeAll(t, err)
	octets[600] ^= 0xff // within or behind the second note
	octets[guardSector+30] ^= 0xff
	closeAll(t, os.WriteFile(guardPath(c.Dir), octets, 0o600))
	after, err := readGuard(guardPath(c.Dir), k)
	if err != nil || after.number+1 < before.number {
		t.Errorf("the other note reads %d, %v; was %d", after.number, err, before.number)
	}
	octets[30] ^= 0xff
	closeAll(t, os.WriteFile(guardPath(c.Dir), octets, 0o600))
	if _, err := readGuard(guardPath(c.Dir), k); !errors.Is(err, errForged) {
		t.Errorf("with both notes torn: %v", err)
	}
}

func TestNotesAreForOnePurposeAndOneKey(t *testing.T) {
	k := newKeeper(storage.EngineConfig{Secret: [32]byte{1}})
	octets := k.encode("meta", note{number: 7, count: 3, sum: sum{1, 2}})
	if n, err := k.decode("meta", octets); err != nil || n.number != 7 || n.count != 3 || n.sum != (sum{1, 2}) {
		t.Errorf("decode = %+v, %v", n, err)
	}
	if _, err := k.decode("guard", octets); !errors.Is(err, errForged) {
		t.Errorf("for another purpose: %v", err)
	}
	if _, err := newKeeper(storage.EngineConfig{Secret: [32]byte{2}}).decode("meta", octets); !errors.Is(err, errForged) {
		t.Errorf("under another secret: %v", err)
	}
	for i := range octets {
		octets[i] ^= 1
		if _, err := k.decode("meta", octets); err == nil {
			t.Errorf("octet %d may be changed", i)
		}
		octets[i] ^= 1
	}
	if _, err := k.decode("meta", octets[:noteSize-1]); !errors.Is(err, errNoNote) {
		t.Errorf("a short note: %v", err)
	}
}

func TestASumForgetsTheOrderAndTakesBack(t *testing.T) {
	k := newKeeper(storage.EngineConfig{})
	a, b := k.print("a", []byte("1")), k.print("b", []byte("2"))
	if a == b || a == k.print("a", []byte("2")) || a == k.print("b", []byte("1")) {
		t.Error("different records have the same print")
	}
	big := sum{^uint64(0), ^uint64(0)}
	if (sum{}).add(a).add(big).add(b) != b.add(big).add(a) || a.add(b).sub(a) != b || a.add(big).sub(big) != a {
		t.Error("the sum depends on the order, or does not take back")
	}
}

func TestADirectoryBadgerCannotReadIsDamage(t *testing.T) {
	c := config(t)
	closeAll(t, os.MkdirAll(c.Dir, 0o700), os.WriteFile(filepath.Join(c.Dir, "MANIFEST"), []byte("nonsense of some length"), 0o600))
	_, _, err := open(c, budget)
	var fault *storage.Fault
	if !errors.As(err, &fault) || !errors.Is(err, storage.ErrBroken) || fault.Hint == "" {
		t.Errorf("Open = %v", err)
	}
	if _, err := os.Stat(guardPath(c.Dir)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a refused store has a guard: %v", err)
	}
}

func TestMaintenanceLeavesEverythingInPlace(t *testing.T) {
	c := config(t)
	e := mustOpen(t, c, budget)
	putAll(t, e, 500)
	closeAll(t, e.Maintain(), e.Close())
	e = mustOpen(t, c, time.Minute)
	if n := e.Stats().Records; n != 500 {
		t.Errorf("%d records, want 500", n)
	}
	closeAll(t, e.Close())
}

func TestMaintenanceEndsWithItsContext(t *testing.T) {
	e := mustOpen(t, config(t), budget)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); e.maintain(ctx, time.Millisecond, func(s string) { t.Error(s) }) }()
	time.Sleep(20 * time.Millisecond)
	stop()
	<-ended
	closeAll(t, e.Close())
}

// TestALogThatWasCreatedAndNotExtendedIsNoDamage leaves what a kill in the
// middle of making the next log leaves.
func TestALogThatWasCreatedAndNotExtendedIsNoDamage(t *testing.T) {
	c := config(t)
	e := mustOpen(t, c, budget)
	putAll(t, e, 10)
	closeAll(t, e.Close())
	for _, name := range []string{"00077.mem", "000077.vlog"} {
		closeAll(t, os.WriteFile(filepath.Join(c.Dir, name), nil, 0o600))
	}
	e = mustOpen(t, c, time.Minute)
	if n := e.Stats().Records; n != 10 {
		t.Errorf("%d records, want 10", n)
	}
	closeAll(t, e.Close())
}

func TestI03_ALogCutToNothingIsALoss(t *testing.T) {
	c := config(t)
	e := mustOpen(t, c, budget)
	putAll(t, e, 10)
	logs, err := filepath.Glob(filepath.Join(c.Dir, "*.mem"))
	closeAll(t, err)
	copied := c
	copied.Dir = filepath.Join(t.TempDir(), "db")
	d, err := e.Update(t.Context(), func(tx storage.EngineTx) error { tx.Put("last", nil); return nil })
	closeAll(t, err, d.Wait(t.Context()), os.CopyFS(copied.Dir, os.DirFS(c.Dir)), e.Close())
	guard, err := os.ReadFile(guardPath(c.Dir))
	closeAll(t, err, os.WriteFile(guardPath(copied.Dir), guard, 0o600))
	for _, log := range logs {
		closeAll(t, os.Truncate(filepath.Join(copied.Dir, filepath.Base(log)), 0))
	}
	if _, _, err := open(copied, budget); !errors.Is(err, storage.ErrEmptied) && !errors.Is(err, storage.ErrLost) {
		t.Errorf("Open = %v", err)
	}
}
