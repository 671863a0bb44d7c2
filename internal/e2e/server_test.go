//go:build integration

package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"twofold/internal/lab"
)

// server is one `twofold serve`.
type server struct {
	dir, config string
	radius      string // host:port
	https, ops  string
	*process
}

// process is one run of it.
type process struct {
	cmd   *exec.Cmd
	out   output
	ended chan struct{}
}

// serve starts a server, waits until it is ready, and ends it with the test.
func serve(t *testing.T, c settings) *server {
	t.Helper()
	dir := t.TempDir()
	s := &server{dir: dir, config: c.write(t, dir)}
	t.Cleanup(func() {
		if s.process != nil {
			s.stop(t)
		}
		if t.Failed() && s.process != nil {
			t.Logf("twofold said:\n%s", s.out.String())
		}
	})
	s.start(t)
	return s
}

// start runs the program once more.
func (s *server) start(t *testing.T, flags ...string) {
	t.Helper()
	s.process = launch(t, append([]string{"serve", "--config", s.config}, flags...))
	if !s.awaits(t, ready, 10*time.Second) {
		t.Fatalf("twofold is not ready:\n%s", s.out.String())
	}
	m := ready.FindStringSubmatch(s.out.String())
	s.radius, s.https, s.ops = m[1], m[2], m[3]
}

var ready = regexp.MustCompile(`(?m)^twofold: ready, RADIUS on (\S+), https on (\S+), ops on (\S+), admin socket \S+$`)

// launch keeps a thread for the process: it ends when the thread does, so it
// never outlives this test binary.
func launch(t *testing.T, args []string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(twofold(t), args...), ended: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(p.ended)
		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.cmd.Wait() // how it ended is asked of ProcessState
		}
	}()
	if err := <-started; err != nil {
		t.Fatalf("starting twofold: %v", err)
	}
	return p
}

// awaits tells whether the process says something in time, and before it ends.
func (p *process) awaits(t *testing.T, what *regexp.Regexp, within time.Duration) bool {
	t.Helper()
	return eventually(within, func() bool {
		select {
		case <-p.ended:
			return true
		default:
			return what.MatchString(p.out.String())
		}
	}) && what.MatchString(p.out.String())
}

// eventually asks until it is so, or time is up.
func eventually(within time.Duration, so func() bool) bool {
	for deadline := time.Now().Add(within); ; time.Sleep(10 * time.Millisecond) {
		if so() {
			return true
		}
		if time.Now().After(deadline) {
			return false
		}
	}
}

// stop ends it in good order.
func (s *server) stop(t *testing.T) {
	t.Helper()
	s.signal(t, syscall.SIGTERM)
	if status := s.wait(t); status != 0 {
		t.Errorf("twofold ended with status %d:\n%s", status, s.out.String())
	}
}

// kill ends it as a power cut does.
func (s *server) kill(t *testing.T) {
	t.Helper()
	s.signal(t, syscall.SIGKILL)
	s.wait(t)
}

func (p *process) signal(t *testing.T, sig syscall.Signal) {
	t.Helper()
	select {
	case <-p.ended: // its number may be another's by now
		return
	default:
	}
	if err := p.cmd.Process.Signal(sig); err != nil && err != os.ErrProcessDone {
		t.Errorf("signalling twofold: %v", err)
	}
}

// wait gives the status it ended with.
func (p *process) wait(t *testing.T) int {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(20 * time.Second):
		t.Fatalf("twofold does not end:\n%s", p.out.String())
	}
	return p.cmd.ProcessState.ExitCode()
}

// refuses starts the program where it must not run, and gives what it said.
func (s *server) refuses(t *testing.T, flags ...string) string {
	t.Helper()
	p := launch(t, append([]string{"serve", "--config", s.config}, flags...))
	if p.awaits(t, ready, 10*time.Second) {
		p.signal(t, syscall.SIGKILL)
		p.wait(t)
		t.Fatal("twofold is ready")
	}
	if status := p.wait(t); status != 1 {
		t.Errorf("status %d, want 1", status)
	}
	return p.out.String()
}

// reload changes the configuration and sends SIGHUP.
func (s *server) reload(t *testing.T, text string) {
	t.Helper()
	put(t, s.config, text)
	s.signal(t, syscall.SIGHUP)
}

func (s *server) state() string { return filepath.Join(s.dir, "state") }

// client is Debian's radclient at a door.
func (s *server) client(t *testing.T, d door) *lab.RadClient {
	t.Helper()
	c := lab.NewRadClient(t, s.radius, d.secret())
	c.Source = string(d)
	return c
}

// quick is a client that does not wait long for an answer that will not come.
func quick(s *server, t *testing.T, d door) *lab.RadClient {
	t.Helper()
	c := s.client(t, d)
	c.Timeout = 400 * time.Millisecond
	return c
}

// output keeps what a process said.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

func (s *server) String() string { return fmt.Sprintf("server in %s", s.dir) }
