package core

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
)

// A person's events are those of the account, and those that have one of the
// person's names where nobody asked the directory whose name that is: what a
// front-end refused at once, an act that was refused.

// names are the spellings under which events without an account are the
// person's: what the directory says, and what was asked for.
func (who Identity) names(typed string) (all []string) {
	for _, name := range []string{who.Login, who.Display(), who.UPN, tidyName(typed)} {
		if name = fold(name); name != "" && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// readPerson reads the index first and the events after it, since one scan
// must not run inside another. An event that was pruned meanwhile is passed over.
func (s *Service) readPerson(ctx context.Context, r *reading, who Identity) error {
	names := who.names(r.q.User)
	keys, more, err := s.indexed(ctx, r, subjects(who, names))
	if err != nil {
		return err
	}
	for _, key := range keys {
		if r.full(key) {
			return nil
		}
		e := eventAt(key)
		err := s.peek(ctx, &e)
		switch {
		case errors.Is(err, ErrMissing):
		case err != nil:
			return fmt.Errorf("event %d: %w", e.Seq, err)
		case e.Account == who.ID || slices.Contains(names, fold(e.User)):
			r.page.Events = append(r.page.Events, e)
		}
	}
	if more {
		r.page.Next = hex.EncodeToString([]byte(r.at))
	}
	return nil
}

// subjects are what the index has the person's events under.
func subjects(who Identity, names []string) []AccountID {
	all := []AccountID{who.ID}
	for _, name := range names {
		if id := nameID(name); !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	return all
}

// indexed gives the keys of a page's events, and whether there are more. None
// is newer than the head was before: else one that is written between two
// scans could be passed over by whoever follows the log.
func (s *Service) indexed(ctx context.Context, r *reading, ids []AccountID) (keys []string, more bool, err error) {
	h, _, err := s.ends(ctx)
	if err != nil {
		return nil, false, err
	}
	last, size := eventKey(h.At, h.Seq), pageSize(r.q.Limit)
	for _, id := range ids {
		part, err := s.scanIndex(ctx, id, r.at, last, size+1)
		if err != nil {
			return nil, false, err
		}
		keys = append(keys, part...)
	}
	slices.Sort(keys)
	return keys[:min(len(keys), size)], len(keys) > size, nil
}

// scanIndex gives up to n keys of events after one and up to another.
func (s *Service) scanIndex(ctx context.Context, id AccountID, after, last string, n int) (keys []string, err error) {
	prefix := string(id[:])
	err = s.store.Scan(ctx, kindByUser, prefix+after, func(key string, _ func(Record) error) bool {
		if len(key) != len(prefix)+16 || key[:len(prefix)] != prefix || key[len(prefix):] > last || len(keys) == n {
			return false
		}
		keys = append(keys, key[len(prefix):])
		return true
	})
	return keys, err
}
