package badger

import (
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"

	"twofold/storage/ordered"
)

// backend commits groups to Badger. It implements ordered.Backend.
type backend struct {
	db    *badger.DB
	keep  *keeper
	guard *guard
	meta  note
	seen  func(note) // told of each commit
}

// Snapshot implements ordered.Backend.
func (b *backend) Snapshot() (ordered.Snapshot, error) {
	return snapshot{b.db.NewTransaction(false)}, nil
}

// Commit implements ordered.Backend.
func (b *backend) Commit(base ordered.Snapshot, writes map[string]ordered.Write) error {
	txn := b.db.NewTransaction(true)
	defer txn.Discard()
	next := b.meta
	next.number++
	for key, w := range writes {
		if err := b.write(txn, base, &next, key, w); err != nil {
			return err
		}
	}
	if err := txn.Set([]byte(metaRecord), b.keep.encode("meta", next)); err != nil {
		return err
	}
	if err := txn.Commit(); err != nil {
		return err
	}
	b.meta = next
	b.seen(next)
	return b.guard.write(next)
}

// write also accounts for what the write replaces.
func (b *backend) write(txn *badger.Txn, base ordered.Snapshot, n *note, key string, w ordered.Write) error {
	old, found, err := base.Get(key)
	if err != nil {
		return fmt.Errorf("reading what is replaced: %w", err)
	}
	if found {
		n.count--
		n.sum = n.sum.sub(b.keep.print(key, old))
	}
	if w.Deleted {
		if !found {
			return nil
		}
		return txn.Delete([]byte(key))
	}
	n.count++
	n.sum = n.sum.add(b.keep.print(key, w.Value))
	return txn.Set([]byte(key), w.Value)
}

// Close implements ordered.Backend.
func (b *backend) Close() error {
	return errors.Join(b.db.Close(), b.guard.close())
}

// snapshot is a read transaction. It implements ordered.Snapshot.
type snapshot struct{ txn *badger.Txn }

// Get implements ordered.Snapshot.
func (s snapshot) Get(key string) (value []byte, found bool, err error) {
	defer func() { recovered(recover(), &err) }()
	item, err := s.txn.Get([]byte(key))
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	value, err = item.ValueCopy(nil)
	return value, true, err
}

// Scan implements ordered.Snapshot. A panic of Badger's becomes an error, one
// of the visitor's goes on.
func (s snapshot) Scan(prefix, after string, visit func(string, func() ([]byte, error)) bool) (err error) {
	visiting := false
	defer func() {
		if !visiting {
			recovered(recover(), &err)
		}
	}()
	o := badger.DefaultIteratorOptions
	o.PrefetchValues = false
	o.Prefix = []byte(prefix)
	it := s.txn.NewIterator(o)
	defer it.Close()
	for it.Seek([]byte(max(prefix, after))); it.ValidForPrefix(o.Prefix); it.Next() {
		item := it.Item()
		key := string(item.Key())
		if key <= after || key == metaRecord {
			continue
		}
		visiting = true
		if !visit(key, func() ([]byte, error) { return item.ValueCopy(nil) }) {
			return nil
		}
		visiting = false
	}
	return nil
}

// Release implements ordered.Snapshot.
func (s snapshot) Release() { s.txn.Discard() }

// recovered turns Badger's assertions about its files into errors.
func recovered(v any, err *error) {
	if v != nil {
		*err = fmt.Errorf("badger: %v", v)
	}
}
