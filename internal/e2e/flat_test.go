//go:build integration

package e2e

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	codec "layeh.com/radius"

	"twofold/radius/exchange"
)

// A stranger's first legs write nothing and keep nothing: the State carries
// it all. A million of them differ from these thousands in their number alone.
func TestI12_FirstLegsLeaveDiskAndMemoryFlat(t *testing.T) {
	ad := corp(t)
	s := serve(t, settings{AD: ad})
	p := s.staff(t, ad, "flat")
	s.firstLegs(t, p, 16000)
	disk, memory, commits := s.disk(t), s.memory(t), s.metric(t, "twofold_store_commits_total")
	s.firstLegs(t, p, 32000)
	if grown := s.disk(t) - disk; grown > 64<<10 {
		t.Errorf("the state directory grew by %d octets", grown)
	}
	if n := s.metric(t, "twofold_store_commits_total") - commits; n > 2 {
		t.Errorf("%d commits", n)
	}
	after := s.memory(t)
	t.Logf("resident: %d KiB before, %d KiB after", memory>>10, after>>10)
	if after > memory+16<<20 {
		t.Errorf("memory grew from %d to %d octets", memory, after)
	}
	if n := s.binds(t); n != 0 {
		t.Errorf("%d binds", n)
	}
	s.holdsNoSecret(t, p, password, waiting)
}

// waiting is a password that is sent in first legs only.
const waiting = "waits between two legs"

// firstLegs sends n of them: of somebody, and of names nobody has.
func (s *server) firstLegs(t *testing.T, p *person, n int) {
	t.Helper()
	const side = 32
	var work sync.WaitGroup
	for i := range side {
		socket := s.nas(t, asking)
		work.Go(func() {
			for j := range n / side {
				name := p.name
				if j%8 == 0 {
					name = fmt.Sprintf("nobody-%d", i)
				}
				reply, err := socket.ask(exchange.Request{User: name, Password: waiting})
				if err != nil || reply.Code != codec.CodeAccessChallenge {
					t.Errorf("leg %d: %v, %v", j, reply.Code, err)
					return
				}
			}
		})
	}
	work.Wait()
}

// disk is how much of it the state directory takes.
func (s *server) disk(t *testing.T) (octets int64) {
	t.Helper()
	s.files(t, func(path string) {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		octets += info.Sys().(*syscall.Stat_t).Blocks * 512
	})
	return octets
}

// files visits those in the state directory.
func (s *server) files(t *testing.T, visit func(path string)) {
	t.Helper()
	err := filepath.WalkDir(s.state(), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			visit(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// memory is what is resident.
func (s *server) memory(t *testing.T) int64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	var kib int64
	_, line, _ := strings.Cut(string(text), "VmRSS:")
	if _, err := fmt.Sscan(line, &kib); err != nil {
		t.Fatalf("reading VmRSS: %v", err)
	}
	return kib << 10
}

// More at once than can be worked on: what is too much is dropped early, and
// afterwards all is as before.
func TestI12_AStormOfPacketsPasses(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	s := serve(t, settings{AD: ad})
	p := s.staff(t, ad, "storm")
	var work sync.WaitGroup
	var answered atomic.Int64
	for i := range 40 {
		n := s.nas(t, appending)
		n.patience = 2 * time.Second
		work.Go(func() { answered.Add(n.burst(t, fmt.Sprintf("nobody-%d", i), 100)) })
	}
	work.Wait()
	t.Logf("%d of 4000 answered", answered.Load())
	if answered.Load() < 100 {
		t.Errorf("%d answered", answered.Load())
	}
	from := time.Now()
	accepted(t, "afterwards", s.client(t, appending).Login(t, p.name, p.login(t)))
	if took := time.Since(from); took > 2*time.Second {
		t.Errorf("after %v", took)
	}
	if n := s.metric(t, "twofold_radius_in_hand"); n != 0 {
		t.Errorf("%d requests are still in hand", n)
	}
}

// burst sends so many requests without waiting, and counts the answers.
func (n *nas) burst(t *testing.T, user string, packets int) (answers int64) {
	for i := range packets {
		packet, err := n.packet(exchange.Request{User: fmt.Sprintf("%s-%d", user, i), Password: "wrong123456"})
		if err == nil {
			_, err = n.conn.Write(packet)
		}
		if err != nil {
			t.Errorf("sending: %v", err)
			return answers
		}
	}
	buf := make([]byte, codec.MaxPacketLength)
	for answers < int64(packets) {
		if err := n.conn.SetReadDeadline(time.Now().Add(n.patience)); err != nil {
			t.Errorf("waiting: %v", err)
		}
		if _, err := n.conn.Read(buf); err != nil {
			return answers // no more come
		}
		answers++
	}
	return answers
}
