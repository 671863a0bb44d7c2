package core

import (
	"slices"
	"testing"
)

func TestATemporaryCodeIsBoundToItsAccount(t *testing.T) {
	alice, bob := AccountID{1}, AccountID{2}
	if string(hashTemp(alice, "12345678")) == string(hashTemp(bob, "12345678")) {
		t.Error("a record moved to another account would open it")
	}
	if string(hashTemp(alice, "12345678")) == string(hashTemp(alice, "12345679")) {
		t.Error("two codes are one")
	}
}

func TestTemporaryCodesAreEightDigitsAndDiffer(t *testing.T) {
	o := newOffice(t)
	var all []string
	for range 100 {
		code := ok[string](t)(newTempCode(o.rand))
		if len(code) != tempDigits || !digits(code) {
			t.Fatalf("a code of %d octets", len(code))
		}
		all = append(all, code)
	}
	slices.Sort(all)
	if n := len(slices.Compact(all)); n < 99 {
		t.Errorf("%d different ones of 100", n)
	}
}
