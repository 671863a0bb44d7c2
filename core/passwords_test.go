package core

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestThePasswordBudgetLeavesRoomBelowTheDirectorysThreshold(t *testing.T) {
	for _, c := range []struct {
		name         string
		lockout      Lockout
		code, noCode int
	}{
		{"a threshold of 6", Lockout{Known: true, Threshold: 6}, 5, 3},
		{"a threshold of 4", Lockout{Known: true, Threshold: 4}, 3, 1},
		{"a threshold of 3 still lets one bind start", Lockout{Known: true, Threshold: 3}, 2, 1},
		{"a threshold of 2", Lockout{Known: true, Threshold: 2}, 1, 1},
		{"a threshold of 1 leaves nothing", Lockout{Known: true, Threshold: 1}, 0, 0},
		{"no threshold: the site's own limit", Lockout{Known: true}, 3, 3},
		{"a directory that tells none: the site's own limit", Lockout{}, 3, 3},
		{"a huge threshold is bounded", Lockout{Known: true, Threshold: 999}, wrongKept, wrongKept},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, _ := passwordBudget(c.lockout, usual, true); got != c.code {
				t.Errorf("with a right code %d, want %d", got, c.code)
			}
			if got, _ := passwordBudget(c.lockout, usual, false); got != c.noCode {
				t.Errorf("without %d, want %d", got, c.noCode)
			}
		})
	}
}

func TestWrongPasswordsCountUntilAWholeWindowPassed(t *testing.T) {
	a := Account{}
	for i := range 3 {
		a.wrongPassword(noon.Add(time.Duration(i) * 20 * time.Minute))
	}
	last := noon.Add(40 * time.Minute)
	window := 30 * time.Minute
	if got := a.wrongPasswords(window, last.Add(29*time.Minute)); got != 3 {
		t.Errorf("%d count, want 3: none was followed by a window of peace", got)
	}
	if got := a.wrongPasswords(window, last.Add(window)); got != 0 {
		t.Errorf("%d count after a window of peace, want 0", got)
	}
}

func TestWrongPasswordsElsewhereTakeFromTheBudget(t *testing.T) {
	who := Identity{Lockout: Lockout{Known: true, Threshold: 6, Window: 30 * time.Minute, Bad: 4}, ReadAt: noon}
	a := Account{}
	if got := a.bindsLeft(who, usual, true, noon); got != 1 {
		t.Fatalf("%d left, want 1", got)
	}
	a.wrongPassword(noon.Add(time.Second))
	if got := a.bindsLeft(who, usual, true, noon.Add(2*time.Second)); got != 0 {
		t.Errorf("%d left after one more that the directory's answer cannot contain, want 0", got)
	}
}

// Whatever comes when, the wrong binds that can have reached the directory
// within a window stay below its threshold.
func TestI04_NoOrderOfAttemptsExceedsTheBudget(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		threshold := rapid.IntRange(2, 12).Draw(t, "threshold")
		window := time.Duration(rapid.IntRange(1, 60).Draw(t, "window")) * time.Minute
		ad := adCount{threshold: threshold, window: window}
		var a Account
		who := Identity{ReadAt: noon, Lockout: Lockout{Known: true, Threshold: threshold, Window: window}}
		now := noon
		var open []string
		var opened time.Time // of the oldest that is open
		for i := range rapid.IntRange(1, 120).Draw(t, "steps") {
			next := now.Add(time.Duration(rapid.IntRange(0, 600).Draw(t, "gap")) * time.Second)
			if len(open) == 0 || next.Sub(opened) < holdLife/2 { // binds end within their deadline
				now = next
			}
			if rapid.Bool().Draw(t, "reread") {
				who.ReadAt, who.Lockout.Bad = now, ad.count(now)
			}
			if rapid.Bool().Draw(t, "start") || len(open) == 0 {
				if a.reap(now); a.bindsLeft(who, usual, rapid.Bool().Draw(t, "code"), now) > 0 {
					id := fmt.Sprint(i)
					if len(open) == 0 {
						opened = now
					}
					a.hold(id, hit{}, now)
					open = append(open, id)
				}
				continue
			}
			ad.wrong(now)
			if ad.locked {
				t.Fatalf("locked: %d wrong binds against a threshold of %d", ad.bad, threshold)
			}
			a.release(open[0])
			open = open[1:]
			a.wrongPassword(now)
		}
	})
}

// adCount counts wrong passwords as Active Directory does.
type adCount struct {
	threshold, bad int
	window         time.Duration
	last           time.Time
	locked         bool
}

func (d *adCount) count(now time.Time) int {
	if now.Sub(d.last) >= d.window {
		return 0
	}
	return d.bad
}

func (d *adCount) wrong(now time.Time) {
	d.bad, d.last = d.count(now)+1, now
	d.locked = d.bad >= d.threshold
}

func TestAVeryShortWindowOfTheDirectoryIsTakenForAMinute(t *testing.T) {
	if _, window := passwordBudget(Lockout{Known: true, Threshold: 6}, usual, true); window != time.Minute {
		t.Errorf("a window of %v, want a minute", window)
	}
	if _, window := passwordBudget(Lockout{Known: true, Threshold: 6, Window: time.Hour}, usual, true); window != time.Hour {
		t.Errorf("a window of %v, want an hour", window)
	}
}
