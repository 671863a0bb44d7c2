package ordered_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"twofold/core"
	"twofold/storage"
	"twofold/storage/ordered"
)

func put(t *testing.T, g *ordered.Group, keys ...string) core.Durable {
	t.Helper()
	d, err := g.Update(context.Background(), func(tx storage.EngineTx) error {
		for _, key := range keys {
			tx.Put(key, []byte(key))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func wait(t *testing.T, d core.Durable) {
	t.Helper()
	if err := d.Wait(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func wantCommits(t *testing.T, d *disk, want ...[]string) {
	t.Helper()
	if diff := cmp.Diff(want, d.made()); diff != "" {
		t.Errorf("commits differ (-want +got):\n%s", diff)
	}
}

func TestACommitBeginsWhenSomebodyWaitsAndTakesAllBeforeIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &disk{}
		g := start(t, d, ordered.Config{})
		put(t, g, "a")
		second := put(t, g, "b")
		synctest.Wait()
		wantCommits(t, d)
		begin := time.Now()
		wait(t, second)
		if took := time.Since(begin); took != 0 {
			t.Errorf("the wait took %v", took)
		}
		wantCommits(t, d, []string{"a", "b"})
	})
}

func TestACommitNobodyWaitsForBeginsAfterADelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &disk{}
		g := start(t, d, ordered.Config{Delay: 10 * time.Millisecond})
		put(t, g, "a")
		time.Sleep(9 * time.Millisecond)
		put(t, g, "b")
		synctest.Wait()
		wantCommits(t, d)
		time.Sleep(time.Millisecond)
		synctest.Wait()
		wantCommits(t, d, []string{"a", "b"})
	})
}

func TestACommitBeginsWhenTheGroupIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &disk{}
		g := start(t, d, ordered.Config{Records: 3, Delay: time.Hour})
		put(t, g, "a")
		put(t, g, "b")
		synctest.Wait()
		wantCommits(t, d)
		put(t, g, "c")
		synctest.Wait()
		wantCommits(t, d, []string{"a", "b", "c"})
	})
}

func TestOrderingGoesOnUnderACommitUntilTheNextGroupIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &disk{gate: make(chan error)}
		g := start(t, d, ordered.Config{Records: 2})
		first := put(t, g, "a")
		go first.Wait(t.Context())
		<-d.begun
		put(t, g, "b")
		put(t, g, "c")
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		_, err := g.Update(ctx, func(storage.EngineTx) error { return nil })
		if !errors.Is(err, core.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("an update beyond the bound gave %v", err)
		}
		d.gate <- nil
		last := put(t, g, "d")
		d.gate <- nil
		go func() { d.gate <- nil }()
		wait(t, last)
		wantCommits(t, d, []string{"a"}, []string{"b", "c"}, []string{"d"})
	})
}

func TestI02_AFailedCommitFailsAllThatIsNotDurable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &disk{gate: make(chan error)}
		g := start(t, d, ordered.Config{})
		first := put(t, g, "a")
		go first.Wait(t.Context())
		<-d.begun
		behind := put(t, g, "b")
		d.gate <- errDisk
		for name, durable := range map[string]core.Durable{"the group's": first, "the next group's": behind} {
			if err := durable.Wait(t.Context()); !errors.Is(err, core.ErrUnavailable) || !errors.Is(err, errDisk) {
				t.Errorf("%s Wait = %v", name, err)
			}
		}
		_, err := g.Update(t.Context(), func(storage.EngineTx) error { return nil })
		if !errors.Is(err, core.ErrUnavailable) || !errors.Is(err, errDisk) {
			t.Errorf("Update = %v", err)
		}
		err = g.Scan(t.Context(), "", "", func(string, func() ([]byte, error)) bool { return true })
		if !errors.Is(err, core.ErrUnavailable) {
			t.Errorf("Scan = %v", err)
		}
		if failed := g.Stats().Failed; !errors.Is(failed, errDisk) {
			t.Errorf("Stats().Failed = %v", failed)
		}
		wantCommits(t, d)
	})
}

func TestWhatWasDurableBeforeAFailureStaysSo(t *testing.T) {
	d := &disk{}
	g := start(t, d, ordered.Config{})
	durable := put(t, g, "a")
	wait(t, durable)
	g.Fail(errDisk)
	wait(t, durable)
}

func TestAWaitThatIsGivenUpIsUnavailable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &disk{gate: make(chan error)}
		g := start(t, d, ordered.Config{})
		durable := put(t, g, "a")
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if err := durable.Wait(ctx); !errors.Is(err, core.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Wait = %v", err)
		}
	})
}

func TestI12_TheQueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &disk{}
		g := start(t, d, ordered.Config{Queue: 2})
		release := make(chan struct{})
		for i := range 10 {
			go g.Update(t.Context(), func(storage.EngineTx) error {
				if i >= 0 {
					<-release
				}
				return nil
			})
		}
		synctest.Wait()
		if n := g.Stats().Queue; n != 2 {
			t.Errorf("%d closures wait, want 2", n)
		}
		close(release)
		synctest.Wait()
		if n := g.Stats().Updates; n != 10 {
			t.Errorf("%d closures ran, want 10", n)
		}
	})
}

func TestManyMoreThanARoundAllRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := start(t, &disk{}, ordered.Config{})
		release := make(chan struct{})
		go g.Update(t.Context(), func(storage.EngineTx) error { <-release; return nil })
		synctest.Wait()
		for i := range 300 {
			go g.Update(t.Context(), func(tx storage.EngineTx) error { tx.Put(fmt.Sprint(i), nil); return nil })
		}
		synctest.Wait()
		close(release)
		synctest.Wait()
		if n := g.Stats().Updates; n != 301 {
			t.Errorf("%d closures ran, want 301", n)
		}
	})
}

func TestCloseCommitsWhatIsOrdered(t *testing.T) {
	d := &disk{}
	g := start(t, d, ordered.Config{Delay: time.Hour})
	durable := put(t, g, "a")
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	wait(t, durable)
	wantCommits(t, d, []string{"a"})
}
