package badger_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"twofold/core"
	"twofold/storage"
	"twofold/storage/storagetest"
)

const damageRecords = 100

// filled makes a store of records, each of a commit of its own. unclean leaves
// it as kill -9 would, all in the log; otherwise it is all in tables.
func filled(t *testing.T, unclean bool) (dir string) {
	t.Helper()
	dir = t.TempDir()
	s, err := openDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for i := range damageRecords {
		fill(t, s, i, "old")
		fill(t, s, i, "new")
	}
	if unclean {
		copied := t.TempDir()
		imageOf(t, dir).write(t, copied)
		dir = copied
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func fill(t *testing.T, s core.Store, i int, value string) {
	t.Helper()
	d, err := s.Update(t.Context(), func(tx core.Tx) error {
		tx.Put(&storagetest.Record{Name: fmt.Sprint(i), Value: []byte(strings.Repeat(value, 40))})
		return nil
	})
	if err == nil {
		err = d.Wait(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// image is what the files of a store hold, without their tails of noughts.
type image map[string]content

type content struct {
	held []byte
	size int64
}

func imageOf(t *testing.T, dir string) image {
	t.Helper()
	files := image{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		octets, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		files[rel] = content{bytes.TrimRight(octets, "\x00"), int64(len(octets))}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func (files image) write(t *testing.T, dir string) {
	t.Helper()
	for rel, c := range files {
		path := filepath.Join(dir, rel)
		err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700),
			os.WriteFile(path, c.held, 0o600), os.Truncate(path, c.size))
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestI07_NoFlippedOctetMakesARecordVanish flips octets all over every file.
// The store is refused, or each record reads as it was, or as damaged.
func TestI07_NoFlippedOctetMakesARecordVanish(t *testing.T) {
	for name, unclean := range map[string]bool{"in the log": true, "in tables": false} {
		t.Run(name, func(t *testing.T) {
			clean := imageOf(t, filled(t, unclean))
			refused, opened := 0, 0
			for file, c := range clean {
				for _, at := range positions(file, len(c.held)) {
					if flipAndOpen(t, clean, file, at) {
						opened++
					} else {
						refused++
					}
				}
			}
			t.Logf("%d flips were refused, %d did no harm", refused, opened)
			if refused < 20 {
				t.Error("hardly any flip was noticed: the test is at fault")
			}
		})
	}
}

// positions spread over the part of a file that holds something.
func positions(file string, end int) (at []int) {
	n := min(end, 8)
	switch filepath.Ext(file) {
	case ".mem", ".sst":
		n = min(end, 20)
	case ".key":
		n = 0
	}
	for i := range n {
		at = append(at, i*end/n)
	}
	return at
}

// flipAndOpen tells whether the store opened. Then it must be whole.
func flipAndOpen(t *testing.T, clean image, file string, at int) bool {
	t.Helper()
	dir := t.TempDir()
	clean.write(t, dir)
	flip(t, filepath.Join(dir, file), at)
	s, err := openDir(dir)
	if err != nil {
		var fault *storage.Fault
		if !errors.As(err, &fault) || fault.Hint == "" {
			t.Errorf("%s at %d: refused without a remedy: %v", file, at, err)
		}
		if _, err := openDir(dir); err == nil {
			t.Errorf("%s at %d: refused once, then no more", file, at)
		}
		return false
	}
	for i := range damageRecords {
		wantWhole(t, s, fmt.Sprintf("%s at %d", file, at), i)
	}
	if err := s.Close(); err != nil {
		t.Errorf("%s at %d: closing: %v", file, at, err)
	}
	return true
}

func wantWhole(t *testing.T, s core.Store, where string, i int) {
	t.Helper()
	r := &storagetest.Record{Name: fmt.Sprint(i)}
	_, err := s.Update(t.Context(), func(tx core.Tx) error { return tx.Get(r) })
	switch {
	case errors.Is(err, core.ErrMissing):
		t.Errorf("%s: record %d is missing without a word", where, i)
	case err == nil && string(r.Value) != strings.Repeat("new", 40):
		t.Errorf("%s: record %d reads %.10q", where, i, r.Value)
	}
}

func flip(t *testing.T, path string, at int) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1)
	if _, err := f.ReadAt(b, int64(at)); err != nil {
		t.Fatal(err)
	}
	b[0] ^= 0x10
	_, err = f.WriteAt(b, int64(at))
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}
