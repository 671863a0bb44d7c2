package main

import (
	"bytes"
	"os"
	"testing"
)

const root = "../.."

func TestThePageIsWhatTheTestsSay(t *testing.T) {
	tests, err := find(root)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile(root + "/doc/invariants.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, page(tests)) {
		t.Error("doc/invariants.md is stale: run make generate")
	}
}

func TestEveryInvariantIsHeldByTests(t *testing.T) {
	tests, err := find(root)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, inv := range invariants {
		known[inv.Number] = true
		if len(tests[inv.Number]) == 0 {
			t.Errorf("%s has no test", inv.Number)
		}
	}
	for number := range tests {
		if !known[number] {
			t.Errorf("%s is held by tests but not written down", number)
		}
	}
}

func TestNamesBecomeSentences(t *testing.T) {
	for name, want := range map[string]string{
		"ACodeIsAcceptedOnce":          "a code is accepted once",
		"NASRetransmits":               "NAS retransmits",
		"APINeverAnswersTwice":         "API never answers twice",
		"WrongCodes_NeverReachTheLDAP": "wrong codes never reach the LDAP",
	} {
		if got := sentence(name); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
