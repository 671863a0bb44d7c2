package ops

import (
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"twofold/core"
)

// other stands for every label value that is not one of a known set.
const other = "other"

// names is a set of label values that a reload replaces.
type names struct{ now atomic.Pointer[[]string] }

func newNames() *names {
	n := &names{}
	n.now.Store(&[]string{})
	return n
}

// known gives name, or "other".
func (n *names) known(name string) string {
	if _, ok := slices.BinarySearch(*n.now.Load(), name); ok {
		return name
	}
	return other
}

// set replaces the names and tells which are gone.
func (n *names) set(list []string) (gone []string) {
	list = slices.Sorted(slices.Values(list))
	for _, old := range *n.now.Swap(&list) {
		if _, ok := slices.BinarySearch(list, old); !ok {
			gone = append(gone, old)
		}
	}
	return gone
}

// reasons is core's table as a map.
var reasons = sync.OnceValue(func() map[core.Reason]string {
	table := map[core.Reason]string{core.NoReason: "none"}
	for _, r := range core.Reasons() {
		table[r] = r.Name()
	}
	return table
})

func methodName(method string) string {
	switch method {
	case http.MethodGet, http.MethodPost, http.MethodDelete, http.MethodPut, http.MethodPatch, http.MethodHead, http.MethodOptions:
		return method
	default:
		return other
	}
}
