package badger_test

import (
	"path/filepath"
	"testing"

	"twofold/storage"
	"twofold/storage/badger"
	"twofold/storage/storagetest"
)

func open(t testing.TB, dir string) *storage.Store {
	t.Helper()
	s, _, err := storage.Open(storage.Config{StateDir: filepath.Join(dir, "state"), Engine: badger.Open})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { storagetest.CloseVerified(t, s) })
	return s
}
