package ldapbind

import (
	"container/list"
	"sync"
	"time"
)

// ttlCache remembers a bounded number of answers for a while; the one unused
// longest makes room.
type ttlCache[K comparable, V any] struct {
	most int
	keep time.Duration
	now  func() time.Time

	mu    sync.Mutex
	items map[K]*list.Element
	order list.List // of *cached, the latest first
}

type cached[K comparable, V any] struct {
	key   K
	value V
	until time.Time
}

func newTTLCache[K comparable, V any](most int, keep time.Duration, now func() time.Time) *ttlCache[K, V] {
	return &ttlCache[K, V]{most: most, keep: keep, now: now, items: map[K]*list.Element{}}
}

func (t *ttlCache[K, V]) get(key K) (value V, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at, ok := t.items[key]
	if !ok {
		return value, false
	}
	item := at.Value.(*cached[K, V])
	if !t.now().Before(item.until) {
		t.remove(at)
		return value, false
	}
	t.order.MoveToFront(at)
	return item.value, true
}

func (t *ttlCache[K, V]) put(key K, value V) {
	if t.keep <= 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if at, ok := t.items[key]; ok {
		t.remove(at)
	}
	t.items[key] = t.order.PushFront(&cached[K, V]{key, value, t.now().Add(t.keep)})
	if t.order.Len() > t.most {
		t.remove(t.order.Back())
	}
}

// forget drops the values that match.
func (t *ttlCache[K, V]) forget(match func(V) bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for at := t.order.Front(); at != nil; {
		next := at.Next()
		if match(at.Value.(*cached[K, V]).value) {
			t.remove(at)
		}
		at = next
	}
}

func (t *ttlCache[K, V]) remove(at *list.Element) {
	t.order.Remove(at)
	delete(t.items, at.Value.(*cached[K, V]).key)
}
