//go:build integration

package e2e

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"twofold/internal/lab"
)

func TestMain(m *testing.M) {
	status := m.Run()
	if faults := house.end(); len(faults) > 0 {
		fmt.Fprintln(os.Stderr, strings.Join(faults, "\n"))
		status = 1
	}
	os.Exit(status)
}

// house owns what tests share: the binary and the domain.
var house = &host{}

// host is a testing.TB that lives as long as the test binary. A test that
// wants what cannot be had fails; the others fail likewise.
type host struct {
	testing.TB // nil: what is not below is not called

	mu     sync.Mutex
	undo   []func()
	faults []string
}

// unavailable is what a host's Fatal panics with.
type unavailable struct{ why string }

func (h *host) Helper()                   {}
func (h *host) Failed() bool              { return false }
func (h *host) Logf(string, ...any)       {}
func (h *host) Fatal(args ...any)         { panic(unavailable{fmt.Sprintln(args...)}) }
func (h *host) Fatalf(f string, a ...any) { panic(unavailable{fmt.Sprintf(f, a...)}) }
func (h *host) Errorf(f string, a ...any) { h.faults = append(h.faults, fmt.Sprintf(f, a...)) }
func (h *host) Cleanup(undo func())       { h.mu.Lock(); defer h.mu.Unlock(); h.undo = append(h.undo, undo) }

func (h *host) TempDir() string {
	dir, err := os.MkdirTemp("", "twofold-e2e-")
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			h.Errorf("%v", err)
		}
	})
	return dir
}

func (h *host) end() []string {
	for _, undo := range slices.Backward(h.undo) {
		undo()
	}
	return h.faults
}

// shared makes something once, for all tests.
func shared[T any](build func() T) func(*testing.T) T {
	var once sync.Once
	var made T
	var why string
	return func(t *testing.T) T {
		t.Helper()
		once.Do(func() {
			defer func() {
				switch p := recover().(type) {
				case nil:
				case unavailable:
					why = p.why
				default:
					panic(p)
				}
			}()
			made = build()
		})
		if why != "" {
			t.Fatal(why)
		}
		return made
	}
}

// threshold is after how many wrong passwords the shared domain locks.
const threshold = 6

// corp is the domain that the tests share: accounts lock after threshold wrong
// passwords, and example.com is a suffix beside corp.example.com.
var corp = shared(func() *lab.AD {
	ad := lab.StartAD(house, lab.ADConfig{})
	ad.LockoutThreshold(house, threshold)
	ad.AddUPNSuffix(house, "example.com")
	ad.GrantPSORead(house)
	return ad
})
