package conf

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing that is wrong, or worth a warning, at one place. It never
// holds a secret.
type Fault struct {
	File    string // as given to Load
	Line    int    // from 1; of the enclosing key where a key is missing
	Column  int    // from 1
	Key     string // such as clients[0].mode; "" for the file as a whole
	Message string
	Hint    string // the remedy, "" if the message says it
}

// String is the fault in one line: place, key, message and hint.
func (f Fault) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d: ", f.File, f.Line)
	if f.Key != "" {
		b.WriteString(f.Key + ": ")
	}
	b.WriteString(f.Message)
	if f.Hint != "" {
		b.WriteString(" (" + f.Hint + ")")
	}
	return b.String()
}

// Faults are all that is wrong with a configuration, sorted by line.
type Faults []Fault

// Error lists the faults, one a line.
func (fs Faults) Error() string { return lines(fs) }

func (fs Faults) sort() { slices.SortStableFunc(fs, byPlace) }

// Warnings are remarks, sorted by line, that do not stop a configuration from
// being used.
type Warnings []Fault

// String lists the warnings, one a line.
func (ws Warnings) String() string { return lines(ws) }

func (ws Warnings) sort() { slices.SortStableFunc(ws, byPlace) }

func byPlace(a, b Fault) int {
	return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
}

func lines(fs []Fault) string {
	var b strings.Builder
	for i, f := range fs {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(f.String())
	}
	return b.String()
}

// fault records what is wrong with a key. The first fault of a key is the only
// one: what follows is usually its consequence.
func (l *loader) fault(key, message, hint string) {
	l.faultAt(l.find(key), key, message, hint)
}

func (l *loader) faultAt(at place, key, message, hint string) {
	if !l.bad[key] {
		l.addFault(at, key, message, hint)
	}
}

// addFault records a fault beside others of its key.
func (l *loader) addFault(at place, key, message, hint string) {
	l.bad[key] = true
	l.faults = append(l.faults, Fault{l.path, at.line, at.column, key, message, hint})
}

func (l *loader) warn(key, message, hint string) {
	at := l.find(key)
	l.warnings = append(l.warnings, Fault{l.path, at.line, at.column, key, message, hint})
}

// find is where key stands, or the nearest key around it that is given.
func (l *loader) find(key string) place {
	for key != "" {
		if at, ok := l.places[key]; ok {
			return at
		}
		key = key[:max(strings.LastIndexAny(key, ".["), 0)]
	}
	return place{1, 1}
}

// given reports whether the file names key.
func (l *loader) given(key string) bool {
	_, ok := l.places[key]
	return ok
}
