package storagetest

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"twofold/core"
	"twofold/storage"
)

func testBounds(t *testing.T, suite Suite) {
	s := suite.open(t)
	for name, fn := range map[string]func(core.Tx){
		"a record": func(tx core.Tx) { tx.Put(&Record{Name: "a", Value: make([]byte, storage.MaxRecord+1)}) },
		"a key":    func(tx core.Tx) { tx.Put(text(strings.Repeat("k", storage.MaxKey+1), "1")) },
		"no key":   func(tx core.Tx) { tx.Put(text("", "1")) },
		"the records of a transaction": func(tx core.Tx) {
			for i := range storage.MaxTxRecords + 1 {
				tx.Put(text(fmt.Sprint(i), "1"))
			}
		},
		"the octets of a transaction": func(tx core.Tx) {
			for i := range 5 {
				tx.Put(&Record{Name: fmt.Sprint(i), Value: make([]byte, storage.MaxRecord)})
			}
		},
	} {
		_, err := s.Update(t.Context(), func(tx core.Tx) error { tx.Put(text("beside", "1")); fn(tx); return nil })
		if !errors.Is(err, storage.ErrTooLarge) {
			t.Errorf("beyond the bound of %s: %v", name, err)
		}
	}
	wantValue(t, s, "beside", "missing")
	for _, kind := range []core.Kind{"a\x00b", core.Kind(strings.Repeat("k", storage.MaxKind+1))} {
		_, err := s.Update(t.Context(), func(tx core.Tx) error { tx.Put(&Record{Sort: kind, Name: "a"}); return nil })
		if err == nil {
			t.Errorf("a record of kind %q was taken", kind)
		}
	}
}

func testLargest(t *testing.T, suite Suite) {
	s := suite.open(t)
	name, value := strings.Repeat("\x00", storage.MaxKey), bytes.Repeat([]byte{7}, storage.MaxRecord)
	put(t, s, &Record{Name: name, Value: value})
	if get(t, s, name) != string(value) {
		t.Error("the largest record reads otherwise")
	}
	put(t, s, text("empty", ""))
	wantValue(t, s, "empty", "")
	for range 40 { // more than one group holds
		if _, err := s.Update(t.Context(), func(tx core.Tx) error {
			for i := range 3 {
				tx.Put(&Record{Name: fmt.Sprint("large", i), Value: value})
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	settle(t, s)
}
