//go:build bench

package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	codec "layeh.com/radius"

	"twofold/radius/exchange"
)

// server is a RADIUS server under measurement.
type server struct {
	name      string
	addr      string
	version   string
	oneTime   bool          // it accepts a code but once
	ready     time.Duration // from its start, with everybody's token in place
	notBefore time.Time     // the next pass

	cmd *exec.Cmd
	out bytes.Buffer
}

// start runs the server until the test ends, and waits for its first answer.
func (s *server) start(t *testing.T, program string, args ...string) {
	t.Helper()
	s.out.Reset()
	s.cmd = exec.Command(program, args...)
	s.cmd.Stdout, s.cmd.Stderr = &s.out, &s.out
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	begin := time.Now()
	if err := s.cmd.Start(); err != nil {
		t.Fatalf("starting %s: %v", s.name, err)
	}
	t.Cleanup(func() { s.stop(t) })
	for !s.answers() {
		if time.Since(begin) > time.Minute || syscall.Kill(s.pid(), 0) != nil {
			s.stop(t)
			t.Fatalf("%s does not answer:\n%s", s.name, s.out.String())
		}
		time.Sleep(time.Millisecond)
	}
	s.ready = time.Since(begin)
}

func (s *server) pid() int { return s.cmd.Process.Pid }

// stop ends it; once is enough.
func (s *server) stop(t *testing.T) {
	t.Helper()
	if s.cmd.ProcessState != nil {
		return
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Errorf("ending %s: %v", s.name, err)
	}
	kill := time.AfterFunc(20*time.Second, func() { s.cmd.Process.Kill() })
	defer kill.Stop()
	if err := s.cmd.Wait(); err != nil {
		t.Logf("%s ended: %v\n%s", s.name, err, s.out.String())
	}
}

// answers asks for the status (RFC 5997) and takes any answer for one.
func (s *server) answers() bool {
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	client := exchange.Client{Addr: s.addr, Secret: []byte(secret), Tries: 1}
	reply, err := client.Do(ctx, exchange.Request{Code: codec.CodeStatusServer})
	return errors.Is(err, exchange.ErrUnsigned) || err == nil && reply.Code == codec.CodeAccessAccept
}

// measure is a pass, with what it cost the server.
func (s *server) measure(t *testing.T, people []person, n int) result {
	t.Helper()
	before := cpuTime(t, s.pid())
	r := load(t, s, people, n)
	r.cpu = cpuTime(t, s.pid()) - before
	r.rss = residentSet(t, s.pid())
	return r
}

// tick is USER_HZ, which is 100 wherever Linux runs.
const tick = time.Second / 100

// cpuTime is utime and stime of all the threads (proc(5)).
func cpuTime(t *testing.T, pid int) time.Duration {
	t.Helper()
	stat := readProc(t, pid, "stat")
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * tick
}

func residentSet(t *testing.T, pid int) int64 {
	t.Helper()
	var kib int64
	_, after, _ := strings.Cut(readProc(t, pid, "status"), "VmRSS:")
	if _, err := fmt.Sscanf(after, "%d kB", &kib); err != nil {
		t.Fatalf("reading VmRSS: %v", err)
	}
	return kib << 10
}

func readProc(t *testing.T, pid int, name string) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// freePort is a UDP port of loopback that nobody has a moment before it is used.
func freePort(t *testing.T) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, port, err := net.SplitHostPort(conn.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
