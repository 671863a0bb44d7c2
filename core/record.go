package core

import (
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// Records are CBOR maps (RFC 8949) with small integers as keys: a field keeps
// its number for ever, a retired number is not used again, and a reader
// ignores numbers it does not know. Times are seconds since 1970.
var (
	encoder = must(cbor.EncOptions{Time: cbor.TimeUnixMicro, Sort: cbor.SortCoreDeterministic}.EncMode())
	decoder = must(cbor.DecOptions{MaxArrayElements: 4096, MaxMapPairs: 256, MaxNestedLevels: 8}.DecMode())
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(fmt.Sprintf("record codec: %v", err)) // a constant of the program is wrong
	}
	return v
}

// The kinds of records core keeps. Names never change: they are part of the
// storage keys.
const (
	kindAccount Kind = "acct" // Account, by AccountID
	kindMarker  Kind = "mark" // an account exists; by AccountID (I07)
	kindDecoy   Kind = "dcoy" // Lanes of unknown names, by slot
	kindSeed    Kind = "seed" // which account holds a seed, by its digest (I03)
	kindNonce   Kind = "once" // spent challenges, by expiry and nonce
	kindEvent   Kind = "evnt" // Event, by time and sequence
	kindByUser  Kind = "evby" // events of one account, or of a name that was led to none: by AccountID or nameID, time and sequence
	kindHead    Kind = "head" // newest end of the event chain
	kindTail    Kind = "tail" // oldest end of the event chain
	kindSite    Kind = "site" // facts of the whole store: the floor
	kindKey     Kind = "akey" // API keys, by id
)

// single is the key of a kind that has one record only.
const single = "1"
