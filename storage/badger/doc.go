// Package badger keeps a store in one directory of Badger tables.
//
// Badger by itself is not enough: it does not flush unless told to, commits
// one transaction per flush, faults on a full disk, and opens without a word
// where a flipped octet cut its log in half. So:
//
//   - package ordered groups transactions, one flush for each group;
//   - every group also writes meta: its number, how many records live, and a
//     sum over all of them, authenticated under the master key;
//   - the guard, a file of its own, holds the number of the newest group. A
//     database that is behind its guard has lost commits, and is refused;
//   - after opening, every record is read once and compared with count and
//     sum. A small store is refused at once; a large one is ready meanwhile,
//     and stops where the check ends badly;
//   - what is read is authenticated a layer above, record by record.
//
// The guard is written after the flush of the group it names and flushed
// itself about once a second: after a power cut it may be behind, never ahead.
package badger
