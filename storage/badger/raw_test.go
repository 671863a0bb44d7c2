package badger

import (
	"testing"

	"github.com/dgraph-io/badger/v4"
)

// BenchmarkRaw is what one flushed transaction of Badger costs, to compare
// BenchmarkLogin with one outstanding to.
func BenchmarkRaw(b *testing.B) {
	db, err := badger.Open(tuned(b.TempDir(), nil))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := db.Update(func(txn *badger.Txn) error { return txn.Set([]byte("key"), make([]byte, 400)) }); err != nil {
			b.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
}
