package storagetest

import (
	"testing"

	"twofold/storage"
)

// Suite says how to open the stores of one engine.
type Suite struct {
	// Open opens the store in dir, and has it verified and closed when the
	// test ends.
	Open func(t testing.TB, dir string) *storage.Store
	// Lasting: what is durable is there when dir is opened again.
	Lasting bool
}

// Run runs the suite.
func Run(t *testing.T, s Suite) {
	for name, test := range map[string]func(*testing.T, Suite){
		"a transaction takes effect as a whole":               testWhole,
		"an error leaves nothing behind":                      testError,
		"a panic leaves nothing behind and loses only itself": testPanic,
		"a closure that ends its goroutine loses only itself": testGoexit,
		"a transaction reads its own writes":                  testOwnWrites,
		"a transaction sees all that was ordered before it":   testSeesOrdered,
		"missing and damaged are told apart":                  testMissingDamaged,
		"a deleted record is missing":                         testDelete,
		"concurrent increments each count once":               testIncrements,
		"a store is closed to everybody":                      testClosed,
		"a scan goes in order, from after, until stopped":     testScanOrder,
		"a scan keeps to its kind":                            testScanKind,
		"a scan sees whole transactions":                      testScanWhole,
		"a scan sees what is ordered and not yet durable":     testScanOrdered,
		"a scan ends with its context":                        testScanContext,
		"an ended context runs nothing":                       testEndedContext,
		"a context that ends in the queue runs nothing":       testContextInQueue,
		"a reader waits for what it read":                     testReaderWaits,
		"what nobody waits for becomes durable all the same":  testUnwaited,
		"large records, keys and transactions are refused":    testBounds,
		"the largest record and key are kept":                 testLargest,
		"a record that does not marshal fails the whole":      testUnmarshalable,
	} {
		t.Run(name, func(t *testing.T) { test(t, s) })
	}
	if s.Lasting {
		t.Run("what is durable is there after reopening", func(t *testing.T) { testReopen(t, s) })
	}
}

func (s Suite) open(t testing.TB) *storage.Store {
	t.Helper()
	return s.Open(t, t.TempDir())
}
