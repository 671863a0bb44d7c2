package core

import (
	"net/netip"
	"slices"
	"time"
)

// A lane judges Burst wrong codes at once and Per30Days within any thirty
// days, kept as one instant by the generic cell rate algorithm: Full is when
// the lane will have recovered wholly, every wrong code moves it on by one
// interval, and a lane further than Burst intervals from now is spent.
//
// A right code does not recover a lane: its owner's daily login would hand a
// stranger in the same lane ten new guesses a day.

// month is the span that ThrottleRules.Per30Days and familiarity refer to.
const month = 30 * 24 * time.Hour

// interval is the time in which a lane recovers one wrong code.
func (t ThrottleRules) interval() time.Duration {
	return month / time.Duration(max(t.Per30Days-t.Burst, 1))
}

// Left is how many wrong codes the lane would judge now, one after another.
func (l Lane) Left(t ThrottleRules, now time.Time) int {
	debt := max(l.Full.Sub(now), 0)
	used := int((debt + t.interval() - 1) / t.interval())
	return max(t.Burst-used, 0)
}

// charge counts one wrong code.
func (l *Lane) charge(t ThrottleRules, now time.Time) {
	if l.Full.Before(now) {
		l.Full = now
	}
	l.Full = l.Full.Add(t.interval())
}

// refund takes one wrong code back.
func (l *Lane) refund(t ThrottleRules) { l.Full = l.Full.Add(-t.interval()) }

// sourceOf names the lane an address would have: the address itself, or the
// /64 of an IPv6 one, within which a host picks addresses as it likes.
func sourceOf(person netip.Addr) string {
	person = person.Unmap().WithZone("")
	if !person.IsValid() {
		return ""
	}
	if person.Is6() {
		prefix, _ := person.Prefix(64) // 64 is in range for every IPv6 address
		return prefix.String()
	}
	return person.String()
}

// lane finds the one that counts an attempt from a place: its own if the
// person was let in from there within thirty days, else everybody else's.
func (a *Account) lane(person netip.Addr, now time.Time) *Lane {
	if source := sourceOf(person); source != "" {
		if i := a.familiar(source, now); i >= 0 {
			return &a.Lanes[i]
		}
	}
	i := slices.IndexFunc(a.Lanes, func(l Lane) bool { return l.Source == "" })
	if i < 0 {
		i = len(a.Lanes)
		a.Lanes = append(a.Lanes, Lane{})
	}
	return &a.Lanes[i]
}

// familiar tells the index of a source's own lane, or -1.
func (a *Account) familiar(source string, now time.Time) int {
	return slices.IndexFunc(a.Lanes, func(l Lane) bool {
		return l.Source == source && now.Sub(l.Seen) < month
	})
}

// seen makes the place an Accept came from familiar, at the cost of the one
// seen longest ago where there are as many as the rules allow.
func (a *Account) seen(person netip.Addr, t ThrottleRules, now time.Time) {
	source := sourceOf(person)
	if source == "" {
		return
	}
	if i := a.familiar(source, now); i >= 0 {
		a.Lanes[i].Seen = now
		return
	}
	a.Lanes = slices.DeleteFunc(a.Lanes, func(l Lane) bool {
		return l.Source != "" && (l.Source == source || now.Sub(l.Seen) >= month)
	})
	a.forgetOldest(t.FamiliarSources - 1)
	if t.FamiliarSources > 0 {
		a.Lanes = append(a.Lanes, Lane{Source: source, Seen: now})
	}
}

// forgetOldest leaves at most n familiar lanes.
func (a *Account) forgetOldest(n int) {
	for {
		oldest, count := -1, 0
		for i, l := range a.Lanes {
			if l.Source == "" {
				continue
			}
			count++
			if oldest < 0 || l.Seen.Before(a.Lanes[oldest].Seen) {
				oldest = i
			}
		}
		if count <= max(n, 0) {
			return
		}
		a.Lanes = slices.Delete(a.Lanes, oldest, oldest+1)
	}
}
