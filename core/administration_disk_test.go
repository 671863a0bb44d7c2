package core_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"twofold/core"
	"twofold/core/otp"
	"twofold/storage"
	"twofold/storage/badger"
)

// people is a directory that knows everybody.
type people struct{ core.Binder }

func (people) Resolve(_ context.Context, name string) (core.Identity, error) {
	who := core.Identity{Directory: "corp", Domain: "CORP", Login: name}
	copy(who.ID[:], "corp............"+name)
	return who, nil
}

// onDisk is a Service on a store that waits for the disk.
func onDisk(t *testing.T, rules *core.Rules) *core.Service {
	t.Helper()
	store, _, err := storage.Open(storage.Config{StateDir: t.TempDir(), Engine: badger.Open})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	s, err := core.New(context.Background(), core.Config{Store: store, Directory: people{}, Rules: rules})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestImportsPruningAndTheChainOnDisk takes a file of tokens, as a site that
// moves to Twofold does, and then forgets most of what it wrote.
func TestImportsPruningAndTheChainOnDisk(t *testing.T) {
	rules := &core.Rules{OTP: otp.Default(), Events: core.EventRules{Keep: time.Hour, MaxSize: 1 << 30}}
	s, ctx, lines := onDisk(t, rules), context.Background(), make([]core.ImportLine, 5_000)
	for i := range lines {
		lines[i] = core.ImportLine{Line: i + 1, User: fmt.Sprintf("u%05d", i),
			Key: otp.Key{Secret: fmt.Appendf(nil, "seed number %08d", i), Params: otp.Default()}}
	}
	began := time.Now()
	r, err := s.Import(ctx, root, lines, core.ImportOptions{Atomic: true})
	if err != nil || r.Imported != len(lines) || r.Refused != 0 {
		t.Fatalf("%d imported, %d refused, %v", r.Imported, r.Refused, err)
	}
	t.Logf("imported %d lines in %v", len(lines), time.Since(began))
	whole(t, s, uint64(len(lines))+1)

	less := *rules
	less.Events.MaxSize = 100_000
	s.Swap(people{}, &less)
	began = time.Now()
	if err := s.Maintain(ctx); err != nil {
		t.Fatal(err)
	}
	t.Logf("pruned in %v", time.Since(began))
	status, err := s.Status(ctx, root)
	if err != nil || status.EventBytes > less.Events.MaxSize || status.Accounts != len(lines) {
		t.Errorf("%+v, %v", status, err)
	}
	whole(t, s, status.Events)
}

// whole fails the test unless the chain of events is.
func whole(t *testing.T, s *core.Service, events uint64) {
	t.Helper()
	began := time.Now()
	r, err := s.VerifyEvents(context.Background(), root)
	if err != nil || !r.OK || r.Checked != events {
		t.Errorf("%d events: %+v, %v", events, r, err)
	}
	t.Logf("verified %d events in %v", r.Checked, time.Since(began))
}
