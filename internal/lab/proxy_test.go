package lab

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// echo answers lines with the same lines until the test ends.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { defer c.Close(); io.Copy(c, c) }()
		}
	}()
	return l.Addr().String()
}

func connect(t *testing.T, p *Proxy) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// ask sends a line and waits at most d for it to come back.
func ask(c net.Conn, d time.Duration) error {
	if err := c.SetDeadline(time.Now().Add(d)); err != nil {
		return err
	}
	if _, err := io.WriteString(c, "ping\n"); err != nil {
		return err
	}
	_, err := bufio.NewReader(c).ReadString('\n')
	return err
}

// try asks over a connection of its own.
func try(p *Proxy, d time.Duration) error {
	c, err := net.DialTimeout("tcp", p.Addr(), d)
	if err != nil {
		return err
	}
	defer c.Close()
	return ask(c, d)
}

func TestProxy(t *testing.T) {
	const long, short = 2 * time.Second, 100 * time.Millisecond
	tests := []struct {
		name     string
		mode     Mode
		old, new error // of a connection from before, of a new one; nil: it works
	}{
		{"what passes is carried both ways", Pass, nil, nil},
		{"a black hole answers nothing", Blackhole, os.ErrDeadlineExceeded, os.ErrDeadlineExceeded},
		{"dropped replies answer nothing", DropReplies, os.ErrDeadlineExceeded, os.ErrDeadlineExceeded},
		{"a half-closed server is at its end", HalfClose, io.EOF, io.EOF},
		{"a reset cuts old and new connections", Reset, syscall.ECONNRESET, syscall.ECONNRESET},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := NewProxy(t, echo(t))
			c := connect(t, p)
			if err := ask(c, long); err != nil {
				t.Fatalf("before: %v", err)
			}
			p.Set(t, tt.mode)
			wait := long
			if tt.old == os.ErrDeadlineExceeded {
				wait = short
			}
			if err := ask(c, wait); !broken(err, tt.old) {
				t.Errorf("old connection: %v, want %v", err, tt.old)
			}
			if err := try(p, wait); !broken(err, tt.new) {
				t.Errorf("new connection: %v, want %v", err, tt.new)
			}
			p.Set(t, Pass)
			if err := try(p, long); err != nil {
				t.Errorf("after: %v", err)
			}
		})
	}
}

// broken compares, and takes a write into a cut connection for a reset.
func broken(got, want error) bool {
	return errors.Is(got, want) || want == syscall.ECONNRESET && errors.Is(got, syscall.EPIPE)
}

func TestProxyRefusesAndComesBackOnTheSamePort(t *testing.T) {
	p := NewProxy(t, echo(t))
	c := connect(t, p)
	if err := ask(c, time.Second); err != nil {
		t.Fatal(err)
	}
	p.Set(t, Refuse)
	if err := ask(c, time.Second); err == nil {
		t.Error("an open connection outlived the refusal")
	}
	if _, err := net.Dial("tcp", p.Addr()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dialling: %v, want refused", err)
	}
	p.Set(t, Pass)
	if err := ask(connect(t, p), time.Second); err != nil {
		t.Error(err)
	}
}

func TestProxyDelaysEachWay(t *testing.T) {
	p := NewProxy(t, echo(t))
	p.Delay(50 * time.Millisecond)
	began := time.Now()
	if err := ask(connect(t, p), 2*time.Second); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < 100*time.Millisecond {
		t.Errorf("took %v, want 100ms at least", took)
	}
}

func TestProxyCounts(t *testing.T) {
	p := NewProxy(t, echo(t))
	for range 3 {
		if err := ask(connect(t, p), time.Second); err != nil {
			t.Fatal(err)
		}
	}
	if got := (p.Count()); got != (Count{Accepted: 3, Open: 3, Up: 15, Down: 15}) {
		t.Errorf("%+v", got)
	}
	p.Cut()
	for p.Count().Open > 0 {
		time.Sleep(time.Millisecond)
	}
}

func TestProxyThatDropsRepliesStillReachesTheServer(t *testing.T) {
	p := NewProxy(t, echo(t))
	p.Set(t, DropReplies)
	if err := try(p, 100*time.Millisecond); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error(err)
	}
	if got := p.Count(); got.Up != 5 || got.Down != 0 {
		t.Errorf("%+v, want 5 octets up, none down", got)
	}
}

func TestProxyWithADeadTargetResets(t *testing.T) {
	p := NewProxy(t, "127.0.0.1:1")
	if err := try(p, time.Second); !broken(err, syscall.ECONNRESET) {
		t.Error(err)
	}
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
