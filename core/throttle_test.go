package core

import (
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var (
	usual = ThrottleRules{Burst: 10, Per30Days: 100, FamiliarSources: 8, PasswordFailures: 3}
	noon  = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
)

func TestAFreshLaneJudgesItsBurstAndNoMore(t *testing.T) {
	var l Lane
	for i := range usual.Burst {
		if got := l.Left(usual, noon); got != usual.Burst-i {
			t.Fatalf("after %d wrong codes %d are left, want %d", i, got, usual.Burst-i)
		}
		l.charge(usual, noon)
	}
	if got := l.Left(usual, noon); got != 0 {
		t.Fatalf("a spent lane has %d left", got)
	}
	if got := l.Left(usual, noon.Add(usual.interval()-time.Second)); got != 0 {
		t.Errorf("just before an interval has passed %d are left, want 0", got)
	}
	if got := l.Left(usual, noon.Add(usual.interval())); got != 1 {
		t.Errorf("after an interval %d are left, want 1", got)
	}
}

func TestARefundGivesBackOneCode(t *testing.T) {
	var l Lane
	for range usual.Burst {
		l.charge(usual, noon)
	}
	l.refund(usual)
	if got := l.Left(usual, noon); got != 1 {
		t.Errorf("%d left after a refund, want 1", got)
	}
}

// However a stranger spreads the guesses, no thirty days hold more than
// Per30Days judged ones.
func TestI05_NoThirtyDaysJudgeMoreThanTheLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules := usual
		rules.Burst = rapid.IntRange(1, 20).Draw(t, "burst")
		rules.Per30Days = rules.Burst + rapid.IntRange(1, 200).Draw(t, "more")
		var l Lane
		var judged []time.Time
		now := noon
		for range rapid.IntRange(1, 600).Draw(t, "tries") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(12*time.Hour)).Draw(t, "gap")))
			if l.Left(rules, now) > 0 {
				l.charge(rules, now)
				judged = append(judged, now)
			}
		}
		for i, first := range judged {
			n := 0
			for _, at := range judged[i:] {
				if at.Sub(first) < month {
					n++
				}
			}
			if n > rules.Per30Days {
				t.Fatalf("%d wrong codes judged within thirty days, want at most %d", n, rules.Per30Days)
			}
		}
	})
}

func TestAStrangerAtAHundredTriesASecondGetsAHundredInThirtyDays(t *testing.T) {
	var l Lane
	judged := 0
	for now := noon; now.Before(noon.Add(month)); now = now.Add(time.Minute) { // the same as 6,000 a minute
		for l.Left(usual, now) > 0 {
			l.charge(usual, now)
			judged++
		}
	}
	if judged < 99 || judged > 100 {
		t.Errorf("%d judged, want 100 or, at the very end, one less", judged)
	}
}

func TestFamiliarPlacesHaveLanesOfTheirOwn(t *testing.T) {
	home, cafe := netip.MustParseAddr("198.51.100.7"), netip.MustParseAddr("203.0.113.9")
	var a Account
	a.seen(home, usual, noon)
	a.lane(home, noon).charge(usual, noon)
	if got := a.lane(cafe, noon).Left(usual, noon); got != usual.Burst {
		t.Errorf("a wrong code at home cost the cafe: %d left", got)
	}
	if got := a.lane(home, noon).Left(usual, noon); got != usual.Burst-1 {
		t.Errorf("%d left at home, want %d", got, usual.Burst-1)
	}
	if a.lane(home, noon.Add(month)).Source != "" {
		t.Error("a place not seen for thirty days is familiar still")
	}
	if a.lane(netip.Addr{}, noon).Source != "" {
		t.Error("an unknown address has a lane of its own")
	}
}

func TestI12_OnlyAsManyPlacesAreFamiliarAsTheRulesSay(t *testing.T) {
	var a Account
	addr := netip.MustParseAddr("198.51.100.1")
	for i := range 50 {
		a.seen(addr, usual, noon.Add(time.Duration(i)*time.Minute))
		addr = addr.Next()
	}
	if len(a.Lanes) != usual.FamiliarSources {
		t.Fatalf("%d lanes, want %d", len(a.Lanes), usual.FamiliarSources)
	}
	if a.familiar("198.51.100.50", noon.Add(time.Hour)) < 0 {
		t.Error("the newest place was forgotten")
	}
	if a.familiar("198.51.100.1", noon.Add(time.Hour)) >= 0 {
		t.Error("the oldest place was kept")
	}
}

func TestHostsOfOneIPv6NetworkShareALane(t *testing.T) {
	one, other := netip.MustParseAddr("2001:db8:1:2::1"), netip.MustParseAddr("2001:db8:1:2:ffff::9")
	if sourceOf(one) != sourceOf(other) {
		t.Errorf("%s and %s differ", sourceOf(one), sourceOf(other))
	}
	if sourceOf(one) == sourceOf(netip.MustParseAddr("2001:db8:1:3::1")) {
		t.Error("two networks share a lane")
	}
	if got := sourceOf(netip.MustParseAddr("::ffff:198.51.100.7")); got != "198.51.100.7" {
		t.Errorf("a mapped IPv4 address is %q", got)
	}
}
