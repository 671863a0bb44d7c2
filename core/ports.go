package core

import (
	"context"
	"encoding"
	"errors"
)

// Directory finds people and checks their passwords. See package ldapbind.
type Directory interface {
	// Resolve leads every spelling of a name to its one entry (I06). It fails
	// with ErrUnknownUser, ErrAmbiguous, or, where the directory could not
	// answer, an error that wraps ErrUnavailable. It never guesses.
	Resolve(ctx context.Context, name string) (Identity, error)
	Binder
}

// Binder checks a password by at most one bind (I04). It never sends an empty
// or NUL-bearing password, and never repeats a bind elsewhere once the
// directory may have seen it.
type Binder interface {
	Bind(ctx context.Context, who Identity, password string) Bound
}

// Bound is what came of a bind.
type Bound struct {
	Outcome Outcome
	Code    string // Refused: Active Directory's sub-code ("533"), or the LDAP result code ("ldap-53")
	Why     string // Unsent, BindUnknown: what went wrong, for the log; never a secret
}

// Outcome of a bind. The zero value is the one that must be counted as a
// wrong password, since nothing is known.
type Outcome uint8

// Outcomes. Refused means the directory said something other than "wrong
// password"; Unsent that nothing was sent, so it may be tried again;
// BindUnknown that the directory may have seen it and no answer came.
const (
	BindUnknown Outcome = iota
	Right
	Wrong
	Refused
	Unsent
)

// Kind is the sort of a record; it is the first part of its storage key and
// must never change.
type Kind string

// Record is anything the store keeps. The store sees its kind, its key and
// sealed octets, and knows nothing of what they mean.
type Record interface {
	Kind() Kind
	Key() string // 1 to 128 octets, unique within the kind
	encoding.BinaryMarshaler
	encoding.BinaryUnmarshaler
}

// Tx is one transaction's view. It sees everything ordered before it and its
// own writes.
type Tx interface {
	// Get fills r, which has its key already. It fails with ErrMissing or
	// ErrDamaged; the two are never confused (I07).
	Get(r Record) error
	Put(r Record)
	Delete(r Record)
}

// Durable waits until the transaction it came from is on the disk (I02).
type Durable interface {
	Wait(ctx context.Context) error
}

// Store orders transactions one after another. See package storage.
type Store interface {
	// Update runs fn, perhaps more than once, and returns when its effects are
	// ordered: later transactions see them, and Durable waits for the disk. An
	// error or a panic of fn leaves nothing behind. It fails with an error
	// that wraps ErrUnavailable when the store cannot take writes.
	Update(ctx context.Context, fn func(Tx) error) (Durable, error)
	// Scan visits the records of a kind in the order of their keys, from the
	// first key greater than after, until visit returns false. load fills a
	// record the visitor has made for that key. A scan sees whole
	// transactions, and holds up none.
	Scan(ctx context.Context, kind Kind, after string, visit func(key string, load func(Record) error) bool) error
}

// What adapters say to core. Everything else they wrap into one of these.
var (
	// ErrUnknownUser: the directory answered, and nobody has that name.
	ErrUnknownUser = errors.New("no such user")
	// ErrAmbiguous: several entries have that name with equal right.
	ErrAmbiguous = errors.New("name is ambiguous")
	// ErrUnavailable: directory or store cannot answer now.
	ErrUnavailable = errors.New("unavailable")
	// ErrMissing: the store has no such record.
	ErrMissing = errors.New("no such record")
	// ErrDamaged: the store has a record that does not open or parse.
	ErrDamaged = errors.New("record is damaged")
)

type reserveKey struct{}

// WithReserve marks ctx as writing what an Accept needs: the store takes such
// transactions when the disk is low and it refuses all others (I11).
func WithReserve(ctx context.Context) context.Context {
	return context.WithValue(ctx, reserveKey{}, true)
}

// MayUseReserve tells whether ctx was marked by WithReserve.
func MayUseReserve(ctx context.Context) bool { return ctx.Value(reserveKey{}) != nil }
