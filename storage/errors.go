package storage

import (
	"errors"
	"fmt"
	"runtime"

	"twofold/core"
)

// Why a store cannot be opened. Open wraps them into a *Fault.
var (
	// ErrWrongKey: the master key does not belong to this store.
	ErrWrongKey = errors.New("wrong master key")
	// ErrKeyFile: the master key file is unfit.
	ErrKeyFile = errors.New("unfit master key file")
	// ErrEmptied: the store is gone, and has been there before.
	ErrEmptied = errors.New("store was emptied")
	// ErrReplaced: another store stands where this configuration's was.
	ErrReplaced = errors.New("store was replaced")
	// ErrLost: commits or records are gone that had been durable.
	ErrLost = errors.New("store has lost records")
	// ErrNewer: the store, or a record, was written by a newer version.
	ErrNewer = errors.New("written by a newer version of twofold")
	// ErrInUse: another process has the store open.
	ErrInUse = errors.New("store is in use")
	// ErrOwner: the store's files are another user's.
	ErrOwner = errors.New("store belongs to another user")
	// ErrBroken: the store's files do not open.
	ErrBroken = errors.New("store is damaged")
)

// What fails while a store is open.
var (
	// ErrLowDisk: too little room. It wraps core.ErrUnavailable.
	ErrLowDisk = fmt.Errorf("disk is low: %w", core.ErrUnavailable)
	// ErrClosed: the store has been closed. It wraps core.ErrUnavailable.
	ErrClosed = fmt.Errorf("store is closed: %w", core.ErrUnavailable)
	// ErrTooLarge: a record, a key or a transaction beyond its bound.
	ErrTooLarge = errors.New("too large for the store")
)

// Fault is an error for the operator: what is wrong, and what can be done.
type Fault struct {
	Kind error  // one of the sentinel errors
	What string // one line
	Hint string // the remedy
	Err  error  // the cause, where there is one
}

// Error implements error.
func (f *Fault) Error() string { return f.Cause() + "; " + f.Hint }

// Cause is the error without its remedy.
func (f *Fault) Cause() string {
	if f.Err == nil {
		return f.What
	}
	return f.What + ": " + f.Err.Error()
}

// Unwrap leads to the sentinel error and to the cause.
func (f *Fault) Unwrap() []error {
	if f.Err == nil {
		return []error{f.Kind}
	}
	return []error{f.Kind, f.Err}
}

// PanicError is a panic of a transaction's closure, handed to its caller. It
// left nothing behind.
type PanicError struct {
	Value any
	Stack []byte
}

// Error implements error. The stack is left out: it belongs in the log. So is
// a value that is neither the runtime's nor a text in the source, since it may
// hold what nobody should read (I10).
func (p *PanicError) Error() string {
	switch v := p.Value.(type) {
	case runtime.Error, string:
		return fmt.Sprintf("transaction panicked: %v", v)
	}
	return fmt.Sprintf("transaction panicked with a %T", p.Value)
}
