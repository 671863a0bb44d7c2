package storagetest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"twofold/core"
	"twofold/storage"
)

// crashDir names, in the environment of a child, the store it writes to.
const crashDir = "STORAGETEST_CRASH_DIR"

const crashWriters = 8

// Main is for TestMain. In the child of Crash it writes until it is killed;
// otherwise it runs the tests.
func Main(m *testing.M, open func(dir string) (*storage.Store, error)) {
	dir := os.Getenv(crashDir)
	if dir == "" {
		os.Exit(m.Run())
	}
	if err := writeUntilKilled(dir, open); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func writeUntilKilled(dir string, open func(string) (*storage.Store, error)) error {
	s, err := open(dir)
	if err != nil {
		return err
	}
	ended := make(chan error)
	for w := range crashWriters {
		go func() { ended <- writeAndTell(s, w) }()
	}
	return <-ended
}

// writeAndTell counts, logs each number in the same transaction, and tells
// the parent once that is durable.
func writeAndTell(s core.Store, w int) error {
	counter := fmt.Sprint("counter", w)
	for {
		n := number(counter, 0)
		d, err := s.Update(background, func(tx core.Tx) error {
			if err := tx.Get(n); err != nil && !errors.Is(err, core.ErrMissing) {
				return err
			}
			n = number(counter, n.Number()+1)
			tx.Put(n)
			tx.Put(text(fmt.Sprint("log", w, "/", n.Number()), "done"))
			return nil
		})
		if err == nil {
			err = d.Wait(background)
		}
		if err != nil {
			return err
		}
		if _, err := fmt.Printf("%d %d\n", w, n.Number()); err != nil {
			return err
		}
	}
}

// Crash kills a writing child again and again: every write it told of must be
// there, and none by half (I02, I03). The binary's TestMain must call Main.
func Crash(t *testing.T, s Suite, rounds int) {
	dir := t.TempDir()
	for round := range rounds {
		t.Run(fmt.Sprint("round ", round), func(t *testing.T) {
			told := killed(t, dir, time.Duration(20+round*37%100)*time.Millisecond)
			store := s.Open(t, dir)
			for w := range crashWriters {
				wantTold(t, store, w, told[w])
			}
		})
	}
}

// CrashAtStart kills children while they open the store, a new one and one
// that others were killed in: it must open afterwards, and have lost nothing.
func CrashAtStart(t *testing.T, s Suite, rounds int) {
	old := t.TempDir()
	for round := range rounds {
		after := time.Duration(1+round*60/rounds) * time.Millisecond
		for name, dir := range map[string]string{"new": t.TempDir(), "old": old} {
			t.Run(fmt.Sprint("a ", name, " store after ", after), func(t *testing.T) {
				killedAtStart(t, dir, after)
				put(t, s.Open(t, dir), text("a", "1"))
			})
		}
	}
}

func killedAtStart(t *testing.T, dir string, after time.Duration) {
	t.Helper()
	child, _ := start(t, dir)
	time.Sleep(after)
	if err := child.Process.Kill(); err != nil {
		t.Errorf("killing the child: %v", err)
	}
	if err := child.Wait(); err == nil {
		t.Error("the child ended by itself")
	}
}

// start runs a child that writes to the store in dir.
func start(t *testing.T, dir string) (child *exec.Cmd, out io.Reader) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child = exec.Command(exe)
	child.Env = append(os.Environ(), crashDir+"="+dir)
	child.Stderr = os.Stderr
	out, err = child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	return child, out
}

// killed runs a child, kills it some time after it has begun to tell, and
// gives the newest number each writer told.
func killed(t *testing.T, dir string, after time.Duration) (told [crashWriters]uint64) {
	t.Helper()
	child, out := start(t, dir)
	lines := readTold(out, func() {
		time.AfterFunc(after, func() {
			if err := child.Process.Kill(); err != nil {
				t.Errorf("killing the child: %v", err)
			}
		})
	})
	for _, l := range lines {
		told[l[0]] = max(told[l[0]], l[1])
	}
	if err := child.Wait(); err == nil || len(lines) == 0 {
		t.Fatalf("the child told %d writes and ended with %v", len(lines), err)
	}
	return told
}

// readTold reads to the end; a last line that was cut does not count.
func readTold(r io.Reader, first func()) (lines [][2]uint64) {
	var once sync.Once
	in := bufio.NewReader(r)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return lines
		}
		var l [2]uint64
		if _, err := fmt.Sscanf(line, "%d %d\n", &l[0], &l[1]); err != nil || l[0] >= crashWriters {
			return nil
		}
		lines = append(lines, l)
		once.Do(first)
	}
}

func wantTold(t *testing.T, s core.Store, w int, told uint64) {
	t.Helper()
	n := number(fmt.Sprint("counter", w), 0)
	if _, err := s.Update(background, func(tx core.Tx) error { return tx.Get(n) }); err != nil && !errors.Is(err, core.ErrMissing) {
		t.Fatal(err)
	}
	if n.Number() < told {
		t.Errorf("writer %d told %d writes, and %d are there", w, told, n.Number())
	}
	for i := range n.Number() {
		wantValue(t, s, fmt.Sprint("log", w, "/", i+1), "done")
	}
	wantValue(t, s, fmt.Sprint("log", w, "/", n.Number()+1), "missing")
}
