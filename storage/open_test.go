package storage_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	badgerdb "github.com/dgraph-io/badger/v4"

	"twofold/core"
	"twofold/storage"
	"twofold/storage/badger"
	"twofold/storage/storagetest"
)

// house is a place with a configuration and a state directory.
type house struct {
	t   *testing.T
	dir string
	cfg storage.Config
}

func newHouse(t *testing.T) *house {
	dir := t.TempDir()
	return &house{t, dir, storage.Config{
		StateDir: filepath.Join(dir, "state"), Witness: filepath.Join(dir, "twofold.yaml.store"), Engine: badger.Open,
	}}
}

func (h *house) path(name string) string { return filepath.Join(h.dir, "state", name) }

// use opens the store, writes a record n times, and closes it.
func (h *house) use(n int) storage.Opened {
	h.t.Helper()
	s, o, err := storage.Open(h.cfg)
	if err != nil {
		h.t.Fatalf("opening: %v", err)
	}
	for i := range n {
		d, err := s.Update(h.t.Context(), func(tx core.Tx) error {
			tx.Put(&storagetest.Record{Name: "step", Value: fmt.Append(nil, "step ", i)})
			tx.Put(&storagetest.Record{Name: fmt.Sprint("user", i), Value: []byte("sesame")})
			return nil
		})
		if err == nil {
			err = d.Wait(h.t.Context())
		}
		if err != nil {
			h.t.Fatal(err)
		}
	}
	storagetest.CloseVerified(h.t, s)
	return o
}

// refuses opens the store and wants that fault, with a remedy that says hint.
func (h *house) refuses(kind error, hint string) {
	h.t.Helper()
	s, _, err := storage.Open(h.cfg)
	if err == nil {
		h.t.Errorf("the store opened; want %q", kind)
		storagetest.CloseVerified(h.t, s)
		return
	}
	var fault *storage.Fault
	if !errors.Is(err, kind) || !errors.As(err, &fault) || !strings.Contains(fault.Hint, hint) {
		h.t.Errorf("Open = %v; want %q with a hint of %q", err, kind, hint)
	}
	if strings.Contains(err.Error(), "\n") {
		h.t.Errorf("not one line: %q", err)
	}
}

func (h *house) must(errs ...error) {
	h.t.Helper()
	if err := errors.Join(errs...); err != nil {
		h.t.Fatal(err)
	}
}

func TestOpenMakesAStoreOnceAndKeepsIt(t *testing.T) {
	h := newHouse(t)
	if o := h.use(3); !o.Created || o.Lost || o.Warnings != nil {
		t.Errorf("first opening: %+v", o)
	}
	if o := h.use(3); o.Created || o.Lost || o.Warnings != nil {
		t.Errorf("second opening: %+v", o)
	}
	for name, want := range map[string]fs.FileMode{"": 0o700, "master.key": 0o600, "db.guard": 0o600} {
		info, err := os.Stat(h.path(name))
		h.must(err)
		if info.Mode().Perm() != want {
			t.Errorf("%q has mode %04o, want %04o", name, info.Mode().Perm(), want)
		}
	}
}

func TestASecondProcessIsRefused(t *testing.T) {
	h := newHouse(t)
	s, _, err := storage.Open(h.cfg)
	h.must(err)
	defer storagetest.CloseVerified(t, s)
	h.refuses(storage.ErrInUse, "admin socket")
}

func TestI07_AnEmptiedStoreIsRefused(t *testing.T) {
	for name, empty := range map[string]func(h *house){
		"the database is gone":          func(h *house) { h.must(os.RemoveAll(h.path("db"))) },
		"database and guard are gone":   func(h *house) { h.must(os.RemoveAll(h.path("db")), os.Remove(h.path("db.guard"))) },
		"the whole state directory":     func(h *house) { h.must(os.RemoveAll(h.path(""))) },
		"the database, with no witness": func(h *house) { h.must(os.RemoveAll(h.path("db")), os.Remove(h.cfg.Witness)) },
		"all but the key, no witness": func(h *house) {
			h.must(os.RemoveAll(h.path("db")), os.Remove(h.path("db.guard")), os.Remove(h.cfg.Witness))
		},
		"all but the guard, no witness": func(h *house) {
			h.must(os.RemoveAll(h.path("db")), os.Remove(h.path("master.key")), os.Remove(h.cfg.Witness))
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.use(3)
			empty(h)
			if strings.HasPrefix(name, "all but the guard") {
				h.refuses(storage.ErrWrongKey, "master.key")
				return
			}
			h.refuses(storage.ErrEmptied, "serve --init")
			h.refuses(storage.ErrEmptied, "serve --init")
			h.cfg.Init = true
			if o := h.use(1); !o.Created {
				t.Errorf("with Init: %+v", o)
			}
			h.cfg.Init = false
			if o := h.use(1); o.Created {
				t.Errorf("after Init: %+v", o)
			}
		})
	}
}

func TestInitLeavesAStoreAlone(t *testing.T) {
	h := newHouse(t)
	h.use(3)
	h.cfg.Init = true
	if o := h.use(0); o.Created {
		t.Error("Init made a store where there was one")
	}
}

func TestAStoreExchangedForAnotherIsRefused(t *testing.T) {
	h, other := newHouse(t), newHouse(t)
	h.use(3)
	other.use(3)
	h.must(os.RemoveAll(h.path("")), os.Rename(other.path(""), h.path("")))
	h.refuses(storage.ErrReplaced, "serve --init")
	h.cfg.Init = true
	h.use(0)
	h.cfg.Init = false
	h.use(0)
}

func TestAWitnessThatCannotBeWrittenIsAWarning(t *testing.T) {
	h := newHouse(t)
	h.cfg.Witness = filepath.Join(h.dir, "absent", "witness")
	if o := h.use(1); len(o.Warnings) != 1 || !strings.Contains(o.Warnings[0], "witness") {
		t.Errorf("warnings: %q", o.Warnings)
	}
}

func TestAStateDirectoryThatOthersMayChangeIsAWarning(t *testing.T) {
	h := newHouse(t)
	h.use(1)
	for mode, want := range map[fs.FileMode]int{0o700: 0, 0o755: 0, 0o770: 1, 0o777: 1} {
		h.must(os.Chmod(h.cfg.StateDir, mode))
		if o := h.use(0); len(o.Warnings) != want || want > 0 && !strings.Contains(o.Warnings[0], "run chmod 0700 "+h.cfg.StateDir) {
			t.Errorf("mode %04o: warnings %q", mode, o.Warnings)
		}
	}
}

func TestI03_LostCommitsAreRefusedUnlessAccepted(t *testing.T) {
	for name, lose := range map[string]func(h *house, old string){
		"an old database is put back": func(h *house, old string) {
			h.must(os.RemoveAll(h.path("db")), os.CopyFS(h.path("db"), os.DirFS(old)))
		},
		"the guard is gone":    func(h *house, _ string) { h.must(os.Remove(h.path("db.guard"))) },
		"the guard is noughts": func(h *house, _ string) { h.must(os.WriteFile(h.path("db.guard"), make([]byte, 1024), 0o600)) },
		"a record is gone": func(h *house, _ string) {
			h.edit(func(txn *badgerdb.Txn) error { return txn.Delete([]byte("test\x00user1")) })
		},
		"a record is an older one": func(h *house, _ string) { h.edit(h.exchange("test\x00user1", "test\x00user2")) },
		"a record is there too many": func(h *house, _ string) {
			h.edit(func(txn *badgerdb.Txn) error { return txn.Set([]byte("test\x00x"), []byte("y")) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.use(3)
			old := filepath.Join(h.dir, "old")
			h.must(os.CopyFS(old, os.DirFS(h.path("db"))))
			h.use(3)
			lose(h, old)
			h.refuses(storage.ErrLost, "serve --accept-loss")
			h.accepts()
		})
	}
}

// accepts opens what lost something, once.
func (h *house) accepts() {
	h.t.Helper()
	h.cfg.AcceptLoss = true
	s, o, err := storage.Open(h.cfg)
	h.must(err)
	if !o.Lost {
		h.t.Error("the loss was not told")
	}
	h.must(s.Close())
	h.cfg.AcceptLoss = false
	s, o, err = storage.Open(h.cfg)
	h.must(err)
	if o.Lost {
		h.t.Error("the loss was told again")
	}
	h.must(s.Close())
}

func TestAcceptLossOfNothingTellsNothing(t *testing.T) {
	h := newHouse(t)
	h.use(3)
	h.cfg.AcceptLoss = true
	if o := h.use(0); o.Lost {
		t.Error("a whole store is said to have lost something")
	}
}

// edit changes the database behind the store's back.
func (h *house) edit(fn func(*badgerdb.Txn) error) {
	h.t.Helper()
	db, err := badgerdb.Open(badgerdb.DefaultOptions(h.path("db")).WithLogger(nil).WithMemTableSize(8 << 20))
	h.must(err)
	h.must(db.Update(fn), db.Close())
}

func (h *house) exchange(key, from string) func(*badgerdb.Txn) error {
	return func(txn *badgerdb.Txn) error {
		item, err := txn.Get([]byte(from))
		if err != nil {
			return err
		}
		value, err := item.ValueCopy(nil)
		return errors.Join(err, txn.Set([]byte(key), value))
	}
}

func TestAPowerCutThatLeavesTheGuardBehindIsFine(t *testing.T) {
	h := newHouse(t)
	h.use(3)
	guard, err := os.ReadFile(h.path("db.guard"))
	h.must(err)
	h.use(3)
	h.must(os.WriteFile(h.path("db.guard"), guard, 0o600))
	if o := h.use(1); o.Lost {
		t.Error("a guard that is behind was taken for a loss")
	}
}

func TestAnInterruptedFirstStartIsGoneOnWith(t *testing.T) {
	h := newHouse(t)
	h.use(0)
	h.must(os.Rename(h.path("master.key"), h.path("master.key.new")), os.Remove(h.cfg.Witness),
		os.RemoveAll(h.path("db")), os.Remove(h.path("db.guard")))
	h.use(1)
}

func TestTheMasterKey(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(h *house, key string)
		kind  error
		hint  string
	}{
		"may not be another": {func(h *house, key string) {
			h.must(os.WriteFile(key, bytes.Repeat([]byte{1}, 32), 0o600))
		}, storage.ErrWrongKey, "master.key"},
		"may not be lost":            {func(h *house, key string) { h.must(os.Remove(key)) }, storage.ErrWrongKey, "master.key"},
		"may not be short":           {func(h *house, key string) { h.must(os.Truncate(key, 31)) }, storage.ErrKeyFile, "put back"},
		"may not be long":            {func(h *house, key string) { h.must(os.Truncate(key, 33)) }, storage.ErrKeyFile, "put back"},
		"may not be read by a group": {func(h *house, key string) { h.must(os.Chmod(key, 0o640)) }, storage.ErrKeyFile, "chmod 0600"},
		"may not be read by all":     {func(h *house, key string) { h.must(os.Chmod(key, 0o604)) }, storage.ErrKeyFile, "chmod 0600"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.use(1)
			c.spoil(h, h.path("master.key"))
			h.refuses(c.kind, c.hint)
		})
	}
}

func TestAKeyPutThereByHandIsNoSignOfUse(t *testing.T) {
	h := newHouse(t)
	h.cfg.KeyFile = filepath.Join(h.dir, "key")
	h.must(os.WriteFile(h.cfg.KeyFile, bytes.Repeat([]byte{1}, 32), 0o600))
	if o := h.use(1); !o.Created {
		t.Errorf("opened: %+v", o)
	}
}

func TestAStoreOfANewerVersionIsRefused(t *testing.T) {
	h := newHouse(t)
	h.use(1)
	guard, err := os.ReadFile(h.path("db.guard"))
	h.must(err)
	guard[4], guard[512+4] = 2, 2
	h.must(os.WriteFile(h.path("db.guard"), guard, 0o600))
	h.refuses(storage.ErrNewer, "newer version")
}

func TestI10_NothingReadableOnTheDisk(t *testing.T) {
	h := newHouse(t)
	h.use(20)
	h.must(filepath.WalkDir(h.path(""), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		octets, err := os.ReadFile(path)
		if bytes.Contains(octets, []byte("sesame")) {
			t.Errorf("%s holds a record in clear", path)
		}
		return err
	}))
}
