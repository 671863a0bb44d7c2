package badger_test

import (
	"path/filepath"
	"testing"

	"twofold/storage"
	"twofold/storage/badger"
	"twofold/storage/storagetest"
)

func TestMain(m *testing.M) { storagetest.Main(m, openDir) }

func openDir(dir string) (*storage.Store, error) {
	s, _, err := storage.Open(storage.Config{StateDir: filepath.Join(dir, "state"), Engine: badger.Open})
	return s, err
}

func open(t testing.TB, dir string) *storage.Store {
	t.Helper()
	s, err := openDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { storagetest.CloseVerified(t, s) })
	return s
}

var suite = storagetest.Suite{Open: open, Lasting: true}

func TestConformance(t *testing.T) { storagetest.Run(t, suite) }

func TestI02_EveryAcknowledgedWriteSurvivesKill(t *testing.T) { storagetest.Crash(t, suite, 4) }

func TestAStartThatIsKilledIsNotTakenForALoss(t *testing.T) { storagetest.CrashAtStart(t, suite, 6) }
