package storage_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"twofold/storage"
	"twofold/storage/badger"
)

func TestInspectTellsWithoutWritingWhatOpenWouldRefuse(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(h *house)
		kind  error
		hint  string
	}{
		"a store that is fine":        {func(h *house) {}, nil, ""},
		"a store that was never made": {func(h *house) { h.must(os.RemoveAll(h.path("")), os.Remove(h.cfg.Witness)) }, nil, ""},
		"a wiped state directory":     {func(h *house) { h.must(os.RemoveAll(h.path(""))) }, storage.ErrEmptied, "serve --init"},
		"a wiped database":            {func(h *house) { h.must(os.RemoveAll(h.path("db"))) }, storage.ErrEmptied, "serve --init"},
		"an emptied state directory": {func(h *house) {
			h.must(os.RemoveAll(h.path("")), os.Mkdir(h.path(""), 0o700))
		}, storage.ErrEmptied, "serve --init"},
		"no guard": {func(h *house) { h.must(os.Remove(h.path("db.guard"))) }, storage.ErrLost, "--accept-loss"},
		"another master key": {func(h *house) {
			h.must(os.WriteFile(h.path("master.key"), bytes.Repeat([]byte{1}, 32), 0o600))
		}, storage.ErrWrongKey, "master.key"},
		"no master key":      {func(h *house) { h.must(os.Remove(h.path("master.key"))) }, storage.ErrWrongKey, "master.key"},
		"a short master key": {func(h *house) { h.must(os.Truncate(h.path("master.key"), 31)) }, storage.ErrKeyFile, "put back"},
		"a key others read":  {func(h *house) { h.must(os.Chmod(h.path("master.key"), 0o644)) }, storage.ErrKeyFile, "chmod 0600"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.cfg.Examine = badger.Examine
			h.use(2)
			c.spoil(h)
			before := listing(t, h.dir)
			err := storage.Inspect(h.cfg)
			if !errors.Is(err, c.kind) {
				t.Errorf("Inspect = %v; want %v", err, c.kind)
			}
			if after := listing(t, h.dir); after != before {
				t.Errorf("it left\n%s\nof\n%s", after, before)
			}
			if c.kind == nil {
				h.use(0)
				return
			}
			if !strings.Contains(err.Error(), c.hint) {
				t.Errorf("Inspect = %v; want a hint of %q", err, c.hint)
			}
			h.refuses(c.kind, c.hint)
		})
	}
}

// listing names each file below dir, with its mode and age.
func listing(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil {
			b.WriteString(path + " " + info.Mode().String() + " " + info.ModTime().String() + "\n")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAMasterKeyThatIsGoneIsSaidToBe(t *testing.T) {
	h := newHouse(t)
	h.use(1)
	h.must(os.Remove(h.path("master.key")))
	_, _, err := storage.Open(h.cfg)
	if err == nil || !strings.Contains(err.Error(), "master.key is missing") {
		t.Errorf("Open = %v", err)
	}
}

func TestAnybodyMayReadTheWitness(t *testing.T) {
	h := newHouse(t)
	h.use(1)
	info, err := os.Stat(h.cfg.Witness)
	h.must(err)
	if info.Mode().Perm() != 0o644 {
		t.Errorf("mode %v", info.Mode())
	}
}
