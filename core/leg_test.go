package core

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func drawLeg(t *rapid.T) leg {
	octets := func(name string, most int) []byte {
		return rapid.SliceOfN(rapid.Byte(), 0, most).Draw(t, name)
	}
	l := leg{
		Method:  method(rapid.IntRange(1, 3).Draw(t, "method")),
		Charged: rapid.Bool().Draw(t, "charged"),
		Tries:   rapid.Byte().Draw(t, "tries"),
		Doom:    Reason(rapid.Uint16().Draw(t, "doom")),
		Expires: time.UnixMilli(rapid.Int64Range(0, 1<<42).Draw(t, "expires")),
		First:   rapid.StringMatching(`[0-9]{0,10}`).Draw(t, "first"),
	}
	copy(l.ID[:], octets("id", 32))
	copy(l.Nonce[:], octets("nonce", 16))
	if rapid.Bool().Draw(t, "enrol") {
		l.Seed, l.Proof = octets("seed", 20), octets("proof", 32)
	} else {
		l.Pass = string(octets("password", MaxPassword))
	}
	return l
}

func TestI08_ALegSurvivesTheJourneyInAStateOfOneLength(t *testing.T) {
	keys := stateKeys{rand: rand.Reader}
	rapid.Check(t, func(t *rapid.T) {
		want := drawLeg(t)
		state, err := keys.seal(want, noon)
		if err != nil {
			t.Fatal(err)
		}
		if len(state) != 16+legSize+16 || len(state) > MaxState {
			t.Fatalf("%d octets", len(state))
		}
		got, err := keys.open(state)
		if err != nil {
			t.Fatal(err)
		}
		same := cmp.Comparer(func(a, b []byte) bool { return bytes.Equal(a, b) })
		if d := cmp.Diff(want, got, same); d != "" {
			t.Fatal(d)
		}
	})
}

func TestI10_AStateShowsNothingOfThePassword(t *testing.T) {
	keys := stateKeys{rand: rand.Reader}
	password := strings.Repeat("hunter2 ", 16)
	state, err := keys.seal(leg{Method: legDeferred, Pass: password}, noon)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(state, []byte("hunter2")) {
		t.Error("the password stands in the State")
	}
}

func TestAStateThatWasTouchedOrIsNotOursIsRefused(t *testing.T) {
	keys, others := stateKeys{rand: rand.Reader}, stateKeys{rand: rand.Reader}
	state, err := keys.seal(leg{Method: legDeferred, Pass: "x"}, noon)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := others.seal(leg{Method: legDeferred}, noon); err != nil {
		t.Fatal(err)
	}
	if _, err := others.open(state); !errors.Is(err, errLeg) {
		t.Errorf("another process opened it: %v", err)
	}
	for i := range state {
		touched := bytes.Clone(state)
		touched[i] ^= 1
		if _, err := keys.open(touched); !errors.Is(err, errLeg) {
			t.Errorf("octet %d changed: %v", i, err)
		}
	}
	for _, n := range []int{0, 1, 15, 16, 17, len(state) - 1} {
		if _, err := keys.open(state[:n]); !errors.Is(err, errLeg) {
			t.Errorf("cut to %d octets: %v", n, err)
		}
	}
}

func TestAStateOutlivesOneChangeOfTheKeyAndNotTwo(t *testing.T) {
	keys := stateKeys{rand: rand.Reader}
	state, err := keys.seal(leg{Method: legDeferred}, noon)
	if err != nil {
		t.Fatal(err)
	}
	for i, wantErr := range []error{nil, errLeg} {
		if _, err := keys.seal(leg{Method: legDeferred}, noon.Add(time.Duration(i+1)*keyLife)); err != nil {
			t.Fatal(err)
		}
		if _, err := keys.open(state); !errors.Is(err, wantErr) {
			t.Errorf("after %d changes: %v, want %v", i+1, err, wantErr)
		}
	}
}

func FuzzState(f *testing.F) {
	keys := stateKeys{rand: rand.Reader}
	state, err := keys.seal(leg{Method: legDeferred, Pass: "password"}, noon)
	if err != nil {
		f.Fatal(err)
	}
	l := leg{Method: legEnrol, Seed: make([]byte, 20), Proof: make([]byte, 32)}
	f.Add(state)
	f.Add(l.encode())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := keys.open(b); err == nil && !bytes.Equal(b, state) {
			t.Error("opened a State that was not made here")
		}
		if l, err := decodeLeg(b); err == nil && len(l.encode()) != len(b) {
			t.Errorf("decoded %d octets into a leg of %d", len(b), len(l.encode()))
		}
	})
}
