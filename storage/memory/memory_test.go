package memory_test

import (
	"testing"

	"twofold/storage"
	"twofold/storage/storagetest"
)

func TestConformance(t *testing.T) {
	storagetest.Run(t, storagetest.Suite{
		Open: func(t testing.TB, _ string) *storage.Store { return storagetest.NewMemory(t) },
	})
}
