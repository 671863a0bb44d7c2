package storage

import (
	"bytes"
	"errors"
	"testing"

	"twofold/core"
)

func newTestSealer(t *testing.T, master byte) *sealer {
	t.Helper()
	s, err := newSealer(&[32]byte{master})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sealed(t *testing.T, s *sealer, key, plain string) []byte {
	t.Helper()
	b, err := s.seal(key, []byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestARecordOpensOnlyInItsPlaceAndWhole(t *testing.T) {
	s := newTestSealer(t, 1)
	b := sealed(t, s, "account\x00alice", "secret")
	if plain, err := s.open("account\x00alice", b, s.newAEAD); err != nil || string(plain) != "secret" {
		t.Errorf("open = %q, %v", plain, err)
	}
	if _, err := s.open("account\x00bob", b, s.newAEAD); !errors.Is(err, core.ErrDamaged) {
		t.Errorf("in another's place: %v", err)
	}
	for i := range b {
		b[i] ^= 1
		if _, err := s.open("account\x00alice", b, s.keptAEAD); !errors.Is(err, core.ErrDamaged) {
			t.Errorf("octet %d may be changed: %v", i, err)
		}
		b[i] ^= 1
	}
	for n := range b {
		if _, err := s.open("account\x00alice", b[:n], s.newAEAD); !errors.Is(err, core.ErrDamaged) {
			t.Errorf("cut to %d octets: %v", n, err)
		}
	}
}

func TestANewerRecordSaysSo(t *testing.T) {
	s := newTestSealer(t, 1)
	b := sealed(t, s, "k\x00a", "secret")
	b[0] = sealFormat + 1
	if _, err := s.open("k\x00a", b, s.newAEAD); !errors.Is(err, ErrNewer) || !errors.Is(err, core.ErrDamaged) {
		t.Errorf("open = %v", err)
	}
}

func TestARecordUnderAnotherKeySaysSo(t *testing.T) {
	b := sealed(t, newTestSealer(t, 1), "k\x00a", "secret")
	s := newTestSealer(t, 2)
	if _, err := s.open("k\x00a", b, s.newAEAD); !errors.Is(err, ErrWrongKey) {
		t.Errorf("open = %v", err)
	}
}

func TestI10_SealingTwiceTellsNothing(t *testing.T) {
	s := newTestSealer(t, 1)
	a, b := sealed(t, s, "k\x00a", "secret"), sealed(t, s, "k\x00a", "secret")
	if bytes.Equal(a[sealPrefix:], b[sealPrefix:]) || bytes.Contains(a, []byte("secret")) {
		t.Error("sealing is not random, or not sealing")
	}
	if len(a) != sealOverhead+len("secret") {
		t.Errorf("a sealed record has %d octets", len(a))
	}
}

func TestDerivedKeysDiffer(t *testing.T) {
	s := newTestSealer(t, 1)
	secret, err := s.engineSecret()
	if err != nil {
		t.Fatal(err)
	}
	other, err := newTestSealer(t, 2).engineSecret()
	if err != nil || secret == other || secret == [32]byte{} {
		t.Errorf("the engine's secret does not depend on the master key: %v", err)
	}
}
