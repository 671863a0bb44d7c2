package badger_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"twofold/core"
	"twofold/storage/storagetest"
)

// BenchmarkLogin writes what a login does: one transaction nobody waits for,
// then one with an account and an event that is waited for.
func BenchmarkLogin(b *testing.B) {
	for _, clients := range []int{1, 16, 64, 256} {
		b.Run(fmt.Sprintf("%d outstanding", clients), func(b *testing.B) { benchmarkLogin(b, clients) })
	}
}

func benchmarkLogin(b *testing.B, clients int) {
	s := open(b, b.TempDir())
	var next atomic.Uint64
	account := make([]byte, 400)
	b.ReportAllocs()
	b.SetParallelism((clients + 1) / 2)
	run := func(pb func() bool) {
		for pb() {
			n := next.Add(1)
			name := fmt.Sprintf("account%06d", n%20000)
			login(b, s, name, n, account)
		}
	}
	before := cpu(b)
	if clients == 1 {
		run(b.Loop)
	} else {
		b.RunParallel(func(pb *testing.PB) { run(pb.Next) })
	}
	b.ReportMetric(float64((cpu(b)-before).Microseconds())/float64(b.N), "cpu-µs/login")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "logins/s")
	b.ReportMetric(float64(b.N)/float64(s.Stats().Commits), "logins/commit")
}

// cpu is what this process has used, which a busy machine changes less than
// the time that passes.
func cpu(b *testing.B) time.Duration {
	var r unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func login(b *testing.B, s core.Store, name string, n uint64, account []byte) {
	ctx := context.Background()
	touch := func(tx core.Tx) error {
		r := &storagetest.Record{Sort: "account", Name: name}
		if err := tx.Get(r); err != nil && err != core.ErrMissing {
			return err
		}
		r.Value = account
		tx.Put(r)
		return nil
	}
	if _, err := s.Update(ctx, touch); err != nil {
		b.Error(err)
	}
	d, err := s.Update(ctx, func(tx core.Tx) error {
		key := string(binary.BigEndian.AppendUint64(nil, n))
		tx.Put(&storagetest.Record{Sort: "event", Name: key, Value: account[:300]})
		tx.Put(&storagetest.Record{Sort: "index", Name: name + key, Value: account[:8]})
		return touch(tx)
	})
	if err != nil {
		b.Error(err)
	}
	if err := d.Wait(ctx); err != nil {
		b.Error(err)
	}
}

// BenchmarkOrder measures ordering alone.
func BenchmarkOrder(b *testing.B) {
	s := open(b, b.TempDir())
	b.ReportAllocs()
	var next atomic.Uint64
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			name := fmt.Sprintf("account%06d", next.Add(1)%20000)
			_, err := s.Update(context.Background(), func(tx core.Tx) error {
				tx.Put(&storagetest.Record{Name: name, Value: []byte(name)})
				return nil
			})
			if err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "updates/s")
}
