package core_test

import (
	"testing"
	"time"

	"twofold/core"
)

// BenchmarkLogin is one login with an appended code, without network and disk:
// what core and its records cost.
func BenchmarkLogin(b *testing.B) {
	w := newWorld(b)
	w.enrol("alice")
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		w.wait(30 * time.Second)
		password := alicePass + w.code("alice", 0)
		b.StartTimer()
		if d := w.login("alice", password); d.Result != core.Accept {
			b.Fatal(d.Reason.Name())
		}
	}
}
