package ordered

import (
	"fmt"

	"twofold/storage"
)

// tx is the overlay of the transaction that is running. There is one, used
// again and again.
type tx struct {
	group  *Group
	writes map[string]Write
	octets int
	err    error // a bound was broken; fails the transaction
}

func (t *tx) reset() {
	if len(t.writes) > 64 {
		t.writes = make(map[string]Write)
	}
	clear(t.writes)
	t.octets, t.err = 0, nil
}

// Get implements storage.EngineTx.
func (t *tx) Get(key string) ([]byte, bool, error) {
	if w, ok := t.writes[key]; ok {
		return w.Value, !w.Deleted, nil
	}
	if w, ok := t.group.pending.writes[key]; ok {
		return w.Value, !w.Deleted, nil
	}
	if b := t.group.committing; b != nil {
		if w, ok := b.writes[key]; ok {
			return w.Value, !w.Deleted, nil
		}
	}
	return t.group.base.Get(key)
}

// Put implements storage.EngineTx.
func (t *tx) Put(key string, value []byte) { t.write(key, Write{Value: value}) }

// Delete implements storage.EngineTx.
func (t *tx) Delete(key string) { t.write(key, Write{Deleted: true}) }

func (t *tx) write(key string, w Write) {
	if t.err != nil {
		return
	}
	t.writes[key] = w
	t.octets += len(key) + len(w.Value)
	if len(t.writes) > storage.MaxTxRecords || t.octets > storage.MaxTxOctets {
		t.err = fmt.Errorf("%w: a transaction writes at most %d records and %d octets",
			storage.ErrTooLarge, storage.MaxTxRecords, storage.MaxTxOctets)
	}
}
