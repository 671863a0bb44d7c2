package badger_test

import (
	"context"
	"testing"
	"time"

	"twofold/core"
	"twofold/storage"
	"twofold/storage/badger"
)

type rec struct{ key, val string }

func (r *rec) Kind() core.Kind                { return "rec" }
func (r *rec) Key() string                    { return r.key }
func (r *rec) MarshalBinary() ([]byte, error) { return []byte(r.val), nil }
func (r *rec) UnmarshalBinary(b []byte) error { r.val = string(b); return nil }

func TestSmoke(t *testing.T) {
	dir := t.TempDir()
	for i := range 3 {
		start := time.Now()
		s, o, err := storage.Open(storage.Config{StateDir: dir, Engine: badger.Open})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%+v %v", o, time.Since(start))
		d, err := s.Update(context.Background(), func(tx core.Tx) error {
			r := rec{key: "a"}
			err := tx.Get(&r)
			t.Log(i, r.val, err)
			r.val += "x"
			tx.Put(&r)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		start = time.Now()
		if err := d.Wait(context.Background()); err != nil {
			t.Fatal(err)
		}
		t.Log(time.Since(start))
		t.Logf("%+v", s.Stats())
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
