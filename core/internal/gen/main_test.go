package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"twofold/core"
)

func TestThePageOfEventsIsNotStale(t *testing.T) {
	written, err := os.ReadFile("../../../doc/events.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(written, page()) {
		t.Error("doc/events.md is stale: run go generate ./core")
	}
}

func TestThePageHasEveryReasonUnderAChapter(t *testing.T) {
	text := string(page())
	for _, r := range core.Reasons() {
		if !strings.Contains(text, "| "+r.String()+" | `"+r.Name()+"` |") {
			t.Errorf("%s is missing", r)
		}
		if chapters[r/1000] == "" {
			t.Errorf("%s belongs to no chapter", r)
		}
	}
}
