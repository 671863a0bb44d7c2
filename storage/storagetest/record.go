package storagetest

import (
	"context"
	"encoding/binary"
	"errors"
	"testing"

	"twofold/core"
)

// Record is a record of the suite.
type Record struct {
	Sort  core.Kind // empty means "test"
	Name  string
	Value []byte
}

// Kind implements core.Record.
func (r *Record) Kind() core.Kind {
	if r.Sort == "" {
		return "test"
	}
	return r.Sort
}

// Key implements core.Record.
func (r *Record) Key() string { return r.Name }

// MarshalBinary implements core.Record.
func (r *Record) MarshalBinary() ([]byte, error) { return r.Value, nil }

// UnmarshalBinary implements core.Record.
func (r *Record) UnmarshalBinary(b []byte) error {
	r.Value = append([]byte(nil), b...)
	return nil
}

// Number is Value as a counter; nothing counts as zero.
func (r *Record) Number() uint64 {
	if len(r.Value) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(r.Value)
}

func number(name string, n uint64) *Record {
	return &Record{Name: name, Value: binary.BigEndian.AppendUint64(nil, n)}
}

func text(name, value string) *Record { return &Record{Name: name, Value: []byte(value)} }

// increment adds one to a counter.
func increment(tx core.Tx, name string) error {
	r := &Record{Name: name}
	if err := tx.Get(r); err != nil && !errors.Is(err, core.ErrMissing) {
		return err
	}
	tx.Put(number(name, r.Number()+1))
	return nil
}

// write runs fn and waits for the disk.
func write(t testing.TB, s core.Store, fn func(core.Tx) error) {
	t.Helper()
	d, err := s.Update(background, fn)
	if err != nil {
		t.Fatalf("updating: %v", err)
	}
	if err := d.Wait(background); err != nil {
		t.Fatalf("waiting for the disk: %v", err)
	}
}

func put(t testing.TB, s core.Store, records ...*Record) {
	t.Helper()
	write(t, s, func(tx core.Tx) error {
		for _, r := range records {
			tx.Put(r)
		}
		return nil
	})
}

// settle waits until all that was ordered is durable.
func settle(t testing.TB, s core.Store) {
	t.Helper()
	write(t, s, func(core.Tx) error { return nil })
}

// get gives the value, and "missing" where there is none.
func get(t testing.TB, s core.Store, name string) string {
	t.Helper()
	r := &Record{Name: name}
	_, err := s.Update(background, func(tx core.Tx) error { return tx.Get(r) })
	switch {
	case errors.Is(err, core.ErrMissing):
		return "missing"
	case err != nil:
		t.Fatalf("getting %q: %v", name, err)
	}
	return string(r.Value)
}

func wantValue(t testing.TB, s core.Store, name, want string) {
	t.Helper()
	if got := get(t, s, name); got != want {
		t.Errorf("record %q is %q, want %q", name, got, want)
	}
}

// background outlives the tests' own contexts, which end before their cleanup.
var background = context.Background()
