// Package storage keeps core's records, sealed, on an engine that knows only
// octets.
//
// # Layers
//
//	core           decides; marshals its records
//	storage.Store  seals each record, bounds its size, watches the disk,
//	               and refuses a store that is not the one it should be
//	storage.Engine orders transactions and makes them durable
//	  ordered      one runner and one committer, for engines that live in
//	               this process
//	  badger       the files
//	  memory       a map, for tests
//
// # Threats
//
// Whoever reads the disk or a copy of it: records are encrypted (AES-256-GCM)
// under keys that come of the master key and the record's own storage key, so
// that what is read tells kinds, keys and lengths, and nothing else.
//
// Whoever writes to the disk, and a disk that fails: a changed, exchanged or
// moved record does not open, and is reported as core.ErrDamaged, which core
// answers with a refusal (I07). A record that vanished, or came back in an
// older form, is noticed by the count and sum that the engine keeps; commits
// that vanished by the guard file that stands beside it (I03); a store that
// vanished altogether by a witness beside the configuration. Each of these is
// an error at opening that names the remedy.
//
// Whoever puts back the whole state directory together with its guard, as of
// last week, is not noticed here: that is a restored backup, and who restores
// one says so (AcceptLoss).
//
// Master key and store lie in one directory by default. That protects backups
// and discarded disks, not against root on the running machine.
//
// # What it does not do
//
// It knows no record's meaning, keeps no index, has no queries beyond a scan
// in the order of keys, and does not log.
package storage
