package core

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// A flood of refusals of one kind must not fill the disk, nor push the events
// of Accepts out of the log (I11): the first ones of each minute are written
// one by one, the rest is counted and written as one sum.
const (
	floodFree   = 20 // events of a kind written one by one, per minute
	floodWindow = time.Minute
	floodKinds  = 1024 // kinds told apart; the others share one (I12)
)

// floodKey is a kind of refusal.
type floodKey struct {
	client string
	reason Reason
}

// floods counts refusals by kind. Its zero value is ready.
type floods struct {
	mu    sync.Mutex
	kinds map[floodKey]*flood
}

type flood struct {
	began   time.Time
	written int
	counted int
}

// summed is what was counted and not written.
type summed struct {
	key   floodKey
	count int
	since time.Time
}

// admit tells whether a refusal of this kind is written as an event of its own.
// Otherwise it has been counted, and the next drain tells of it.
func (f *floods) admit(key floodKey, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	k := f.kind(key, now)
	if now.Sub(k.began) >= floodWindow && k.counted == 0 {
		*k = flood{began: now}
	}
	if k.written < floodFree {
		k.written++
		return true
	}
	k.counted++
	return false
}

// kind finds or makes the counter of a kind.
func (f *floods) kind(key floodKey, now time.Time) *flood {
	if f.kinds == nil {
		f.kinds = make(map[floodKey]*flood)
	}
	if _, known := f.kinds[key]; !known && len(f.kinds) >= floodKinds {
		key = floodKey{}
	}
	if f.kinds[key] == nil {
		f.kinds[key] = &flood{began: now}
	}
	return f.kinds[key]
}

// drain gives the sums of the minutes that are over, and begins anew with them.
func (f *floods) drain(now time.Time) []summed {
	return f.take(func(k *flood) bool { return now.Sub(k.began) >= floodWindow })
}

// drainAll gives all sums, whether their minute is over or not.
func (f *floods) drainAll() []summed { return f.take(func(*flood) bool { return true }) }

func (f *floods) take(over func(*flood) bool) []summed {
	f.mu.Lock()
	defer f.mu.Unlock()
	var sums []summed
	for key, k := range f.kinds {
		if !over(k) {
			continue
		}
		if k.counted > 0 {
			sums = append(sums, summed{key, k.counted, k.began})
		}
		delete(f.kinds, key)
	}
	slices.SortFunc(sums, func(a, b summed) int {
		return cmp.Or(cmp.Compare(a.key.client, b.key.client), cmp.Compare(a.key.reason, b.key.reason))
	})
	return sums
}

// giveBack returns sums that could not be written, so that none is lost.
func (f *floods) giveBack(sums []summed) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, sum := range sums {
		k := f.kind(sum.key, sum.since)
		k.began, k.counted = sum.since, k.counted+sum.count
		k.written = floodFree
	}
}
