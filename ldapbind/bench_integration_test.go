//go:build integration

package ldapbind_test

import (
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"twofold/core"
	"twofold/internal/lab"
	"twofold/ldapbind"
)

const benchUsers = 20000

// BenchmarkLogin resolves and binds each of many users in turn, as a morning
// does, and reports the processor time that this side spends on one.
func BenchmarkLogin(b *testing.B) {
	s := lab.StartSlapd(b, lab.SlapdConfig{Bulk: benchUsers})
	for name, secured := range map[string]bool{"clear": false, "tls": true} {
		c := plain(s)
		c.NeedGroups, c.Cache = false, 30*time.Second
		if !secured {
			c.URLs, c.Insecure = []string{s.PlainURL()}, true
		}
		for _, outstanding := range []int{1, 16, 64} {
			b.Run(name+"/"+string(rune('0'+outstanding/10))+string(rune('0'+outstanding%10)), func(b *testing.B) {
				login(b, open(b, c), outstanding)
			})
		}
	}
}

// BenchmarkBind leaves the search out.
func BenchmarkBind(b *testing.B) {
	s := lab.StartSlapd(b, lab.SlapdConfig{Bulk: 100})
	c := plain(s)
	c.NeedGroups, c.URLs, c.Insecure = false, []string{s.PlainURL()}, true
	ds := open(b, c)
	name, password := lab.BulkUser(7)
	who := resolve(b, ds, name)
	spent(b, 16, func(int64) {
		if got := ds.Bind(b.Context(), who, password); got.Outcome != core.Right {
			b.Errorf("bind gave %+v", got)
		}
	})
}

func login(b *testing.B, ds *ldapbind.Directories, outstanding int) {
	spent(b, outstanding, func(i int64) {
		name, password := lab.BulkUser(int(i % benchUsers))
		who, err := ds.Resolve(b.Context(), name)
		if err != nil {
			b.Error(err)
			return
		}
		if got := ds.Bind(b.Context(), who, password); got.Outcome != core.Right {
			b.Errorf("bind gave %+v", got)
		}
	})
}

// spent runs work in as many goroutines as are outstanding.
func spent(b *testing.B, outstanding int, work func(int64)) {
	b.ReportAllocs()
	b.ResetTimer()
	var next atomic.Int64
	var all sync.WaitGroup
	before := processor(b)
	for range outstanding {
		all.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				work(i)
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64((processor(b)-before).Nanoseconds())/1000/float64(b.N), "cpu-µs/op")
}

func processor(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
