package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"testing"

	codec "layeh.com/radius"

	"twofold/core"
	"twofold/core/otp"
	"twofold/httpapi"
	"twofold/radius/exchange"
)

// enrolFor makes a token by the admin socket, as the command does.
func enrolFor(t *testing.T, s *server, user string) otp.Key {
	t.Helper()
	admin := httpapi.Dial(s.addrs.socket)
	defer admin.Close()
	made, err := admin.Enrol(context.Background(), user, core.EnrolRequest{})
	if err != nil {
		t.Fatal(err)
	}
	key, err := otp.ParseURI(made.URI)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestI03_OneCodeFromTwoHundredRequestsAtOnceIsAcceptedOnce(t *testing.T) {
	st := stageFor(t)
	s := startFor(t, st, &logBuffer{})
	defer closeFor(t, s)
	key := enrolFor(t, s, "alice")
	nas := exchange.Client{Addr: s.radius.ReadyAddrs()[0].String(), Secret: []byte(siteSecret), Timeout: patience, Tries: 1}
	password := st.site.Password("alice") + codeOf(key)
	spellings := []string{"alice", "ALICE", "alice@example.com", "Alice@EXAMPLE.com"}
	codes := make([]codec.Code, 200)
	var all sync.WaitGroup
	for i := range codes {
		all.Go(func() {
			reply, err := nas.Do(context.Background(), exchange.Request{User: spellings[i%len(spellings)], Password: password})
			if err != nil {
				t.Error(err)
			}
			codes[i] = reply.Code
		})
	}
	all.Wait()
	accepted := 0
	for _, c := range codes {
		if c == codec.CodeAccessAccept {
			accepted++
		}
	}
	if binds := binds(t, s, "right") + binds(t, s, "wrong"); accepted != 1 || binds != 1 {
		t.Errorf("%d accepts and %d binds, want one of each", accepted, binds)
	}
}

func closeFor(t *testing.T, s *server) {
	t.Helper()
	if err := s.close(); err != nil {
		t.Error(err)
	}
}

// binds reads the metric that counts them.
func binds(t *testing.T, s *server, outcome string) int {
	t.Helper()
	_, text := get(t, s, "/metrics")
	form := regexp.MustCompile(fmt.Sprintf(`(?m)^twofold_directory_bind_duration_seconds_count\{.*outcome="%s"\} (\d+)$`, outcome))
	found := form.FindStringSubmatch(text)
	if found == nil {
		return 0
	}
	n, err := strconv.Atoi(found[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestI10_FirstLegsLeaveNothingOnTheDisk(t *testing.T) {
	st := stageFor(t)
	s := startFor(t, st, &logBuffer{})
	defer closeFor(t, s)
	enrolFor(t, s, "alice")
	records := s.store.Stats().Records
	nas := exchange.Client{Addr: s.radius.ReadyAddrs()[0].String(), Secret: []byte(siteSecret)}
	for range 500 {
		if reply, err := nas.Do(context.Background(), exchange.Request{User: "alice", Password: st.site.Password("alice")}); err != nil || reply.Code != codec.CodeAccessChallenge {
			t.Fatalf("got %v, %v", reply.Code, err)
		}
	}
	if now := s.store.Stats().Records; now != records {
		t.Errorf("the store has %d records more", now-records)
	}
	if where := holding(t, filepath.Join(st.dir, "state"), st.site.Password("alice")); where != "" {
		t.Errorf("%s holds a password", where)
	}
}

// holding names a file that holds the text.
func holding(t *testing.T, dir, text string) (where string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		held, err := os.ReadFile(path)
		if bytes.Contains(held, []byte(text)) {
			where = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return where
}
