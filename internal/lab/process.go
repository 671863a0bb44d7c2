package lab

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is a daemon in a process group of its own, with its output kept.
type process struct {
	cmd   *exec.Cmd
	out   output
	stdin io.Closer
	done  chan struct{} // closed when it has ended
	err   error         // what Wait said; read after done
}

// start runs a daemon that ends when this test binary does, however that comes
// about: it gets SIGTERM by PR_SET_PDEATHSIG, and Samba, whose children live
// on, ends when its standard input closes.
func start(path string, args ...string) (*process, error) {
	p := &process{cmd: exec.Command(path, args...), done: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	p.cmd.Dir = os.TempDir()
	in, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	p.stdin = in
	started := make(chan error)
	go p.run(started)
	return p, <-started
}

// run keeps its thread: the kernel sends the parent-death signal when the
// thread that started the child ends, not the process.
func (p *process) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(p.done)
	err := p.cmd.Start()
	started <- err
	if err == nil {
		p.err = p.cmd.Wait()
	}
}

// signal sends to the whole group, so that prefork children are reached.
func (p *process) signal(s syscall.Signal) error {
	err := syscall.Kill(-p.cmd.Process.Pid, s)
	if errors.Is(err, syscall.ESRCH) {
		return nil
	}
	return err
}

// end stops the group: politely, then not. A group that had been paused is
// woken, or it would not hear.
func (p *process) end(t testing.TB) {
	t.Helper()
	err := errors.Join(p.signal(syscall.SIGTERM), p.signal(syscall.SIGCONT))
	select {
	case <-p.done:
	case <-time.After(5 * time.Second):
	}
	err = errors.Join(err, p.signal(syscall.SIGKILL))
	select {
	case <-p.done:
	case <-time.After(20 * time.Second):
		err = errors.Join(err, errors.New("still running"))
	}
	if err != nil {
		t.Errorf("ending %s: %v", p.cmd.Path, err)
	}
}

// ready polls until the daemon answers, and gives up when it has ended.
func (p *process) ready(within time.Duration, answers func() error) error {
	deadline := time.Now().Add(within)
	for {
		err := answers()
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("%s ended (%w):\n%s", p.cmd.Path, p.err, p.out.String())
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s does not answer (%w):\n%s", p.cmd.Path, err, p.out.String())
		}
	}
}

// output keeps the last 64 KiB that a process said.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

const keepOutput = 64 << 10

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.buf.Write(b)
	if over := o.buf.Len() - keepOutput; over > 0 {
		o.buf.Next(over)
	}
	return len(b), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}
