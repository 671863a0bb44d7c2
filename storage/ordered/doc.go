// Package ordered runs transactions one after another and commits them in
// groups, for engines that live in this process.
//
//	Update ──queue──▶ runner ──pending──▶ committer ──▶ Backend (the disk)
//	                    │ reads: own writes, pending, committing, base
//
// The runner calls closures one by one. Each writes into an overlay of its
// own, thrown away where it fails or panics, and merged into the pending group
// where it does not: from then on it is ordered, and Update returns. The
// committer hands a group to the Backend; while it is at that, the runner goes
// on over what was committed before (base), the group under way and the
// pending one.
//
// A group is committed when somebody waits for it, when it nears its bound, or
// after Delay: a transaction nobody waits for costs no flush of its own.
//
// A commit that fails leaves the outcome of its group unknown, and everything
// ordered after it stands on sand. So the whole Group fails from then on, with
// errors that wrap core.ErrUnavailable, until the store is opened again.
package ordered
