package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	codec "layeh.com/radius"

	"twofold/internal/demodir"
	"twofold/radius/exchange"
)

// logBuffer may be written while it is read.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// stageFor writes the demo's configuration for a directory that ends with the
// test.
func stageFor(t *testing.T) *stage {
	t.Helper()
	st := &stage{site: demodir.Sample(), dir: t.TempDir(), secret: siteSecret}
	d, err := demodir.Start(demodir.Config{Suffix: st.site.Suffix, Entries: st.site.Entries})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := st.writeConfig(d.URL()); err != nil {
		t.Fatal(err)
	}
	return st
}

func startFor(t *testing.T, st *stage, log *logBuffer) *server {
	t.Helper()
	s, err := start(context.Background(), options{config: st.config, log: log})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestALoginUnderWayIsAnsweredBeforeTheServerEnds(t *testing.T) {
	st, log := stageFor(t), &logBuffer{}
	s := startFor(t, st, log)
	nas := exchange.Client{Addr: s.radius.ReadyAddrs()[0].String(), Secret: []byte(siteSecret), Tries: 1, Timeout: patience}
	asked, err := nas.Do(context.Background(), exchange.Request{User: "carol", Password: "x"})
	if err != nil {
		t.Fatal(err)
	}
	answered := make(chan error, 1)
	var reply exchange.Reply
	go func() {
		var err error
		reply, err = nas.Do(context.Background(), exchange.Request{User: "carol", Password: "000000", State: asked.State})
		answered <- err
	}()
	for s.radius.Stats().Delayed == 0 { // held back for a second
		time.Sleep(time.Millisecond)
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}
	if err := <-answered; err != nil || reply.Code != codec.CodeAccessReject {
		t.Errorf("got %v, %v; want the reject that was held back", reply.Code, err)
	}
	if said := log.String(); !strings.Contains(said, "msg=stopped id=TF6002") {
		t.Errorf("log does not say that it stopped:\n%s", said)
	}
}

func TestAServerThatCannotStartLeavesNothingOpen(t *testing.T) {
	st := stageFor(t)
	s := startFor(t, st, &logBuffer{})
	if _, err := start(context.Background(), options{config: st.config, log: &logBuffer{}}); err == nil ||
		!strings.Contains(err.Error(), "another twofold is running") {
		t.Errorf("a second server: %v", err)
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}
	again := startFor(t, st, &logBuffer{})
	if err := again.close(); err != nil {
		t.Error(err)
	}
}

func TestSystemdIsToldOfEachState(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("WATCHDOG_USEC", "200000")
	st := stageFor(t)
	ctx, stop := context.WithCancel(context.Background())
	var out logBuffer
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, options{config: st.config, log: &logBuffer{}}, &out) }()
	for _, want := range []string{"READY=1", "WATCHDOG=1"} {
		hear(t, l, want)
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"RELOADING=1\nMONOTONIC_USEC=", "READY=1"} {
		hear(t, l, want)
	}
	stop()
	hear(t, l, "STOPPING=1")
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if lines := strings.Count(out.String(), "\n"); lines != 1 {
		t.Errorf("printed %d lines, want the ready line alone:\n%s", lines, out.String())
	}
}

// hear reads on until want comes.
func hear(t *testing.T, l *net.UnixConn, want string) {
	t.Helper()
	if err := l.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	for b := make([]byte, 256); ; {
		n, err := l.Read(b)
		if err != nil {
			t.Fatalf("waiting for %s: %v", want, err)
		}
		if strings.HasPrefix(string(b[:n]), want) {
			return
		}
	}
}
