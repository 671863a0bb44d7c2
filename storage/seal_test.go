package storage

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
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
	if plain, err := s.open("account\x00alice", b, s.recordKey); err != nil || string(plain) != "secret" {
		t.Errorf("open = %q, %v", plain, err)
	}
	if _, err := s.open("account\x00bob", b, s.recordKey); !errors.Is(err, core.ErrDamaged) {
		t.Errorf("in another's place: %v", err)
	}
	for i := range b {
		b[i] ^= 1
		if _, err := s.open("account\x00alice", b, s.keptKey); !errors.Is(err, core.ErrDamaged) {
			t.Errorf("octet %d may be changed: %v", i, err)
		}
		b[i] ^= 1
	}
	for n := range b {
		if _, err := s.open("account\x00alice", b[:n], s.recordKey); !errors.Is(err, core.ErrDamaged) {
			t.Errorf("cut to %d octets: %v", n, err)
		}
	}
}

func TestANewerRecordSaysSo(t *testing.T) {
	s := newTestSealer(t, 1)
	b := sealed(t, s, "k\x00a", "secret")
	b[0] = sealFormat + 1
	if _, err := s.open("k\x00a", b, s.recordKey); !errors.Is(err, ErrNewer) || !errors.Is(err, core.ErrDamaged) {
		t.Errorf("open = %v", err)
	}
}

func TestARecordUnderAnotherKeySaysSo(t *testing.T) {
	b := sealed(t, newTestSealer(t, 1), "k\x00a", "secret")
	s := newTestSealer(t, 2)
	if _, err := s.open("k\x00a", b, s.recordKey); !errors.Is(err, ErrWrongKey) {
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

func TestDerivedKeysAreThoseOfRFC5869(t *testing.T) {
	s := newTestSealer(t, 1)
	want, err := hkdf.Key(sha256.New, append([]byte{1}, make([]byte, 31)...), []byte("twofold storage 1"), "engine", 32)
	if got := s.derive("engine"); err != nil || !bytes.Equal(got[:], want) {
		t.Errorf("derive = %x, want %x, %v", got, want, err)
	}
	if s.derive("engine") == newTestSealer(t, 2).derive("engine") {
		t.Error("what is derived does not depend on the master key")
	}
}

func TestARecordKeyThatIsKeptIsTheRightOne(t *testing.T) {
	s := newTestSealer(t, 1)
	for i := range 2000 {
		key := fmt.Sprint("k\x00", i%700)
		for _, get := range []func(string) (*recordKey, error){s.recordKey, s.keptKey, s.writeKey} {
			if plain, err := s.open(key, sealed(t, s, key, key), get); err != nil || string(plain) != key {
				t.Fatalf("record %q opens as %q, %v", key, plain, err)
			}
		}
	}
}
