package core

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"
	"time"
)

// APIKey is what is told of a key after it was made; never the key itself.
type APIKey struct {
	ID        string    `json:"id"`
	Role      Role      `json:"role"`
	Note      string    `json:"note,omitempty"`
	Created   time.Time `json:"created"`
	CreatedBy string    `json:"created_by"`
	LastUsed  time.Time `json:"last_used,omitzero"` // to the hour
}

// The bounds of API keys (I12), and how coarse LastUsed is: it costs a write.
const (
	maxKeys    = 256
	maxNote    = 128
	usedCoarse = time.Hour
)

// CreateKey makes an API key. Its secret is told this once.
func (s *Service) CreateKey(ctx context.Context, actor Actor, role Role, note string) (string, APIKey, error) {
	if err := s.authorise(ctx, actor, actKeys, ""); err != nil {
		return "", APIKey{}, err
	}
	if _, err := ParseRole(role.String()); err != nil {
		return "", APIKey{}, err
	}
	if len(note) > maxNote {
		return "", APIKey{}, fmt.Errorf("note is longer than %d octets: %w", maxNote, ErrInvalid)
	}
	id, secret, err := newKey(s.rand)
	if err != nil {
		return "", APIKey{}, err
	}
	k := apiKey{ID: id, Hash: hashKey(secret), Role: role, Note: tidyText(note), Created: s.now(), By: actor.Name}
	if err := s.addKey(ctx, actor, k); err != nil {
		return "", APIKey{}, fmt.Errorf("creating an API key: %w", err)
	}
	return secret, k.view(), nil
}

func (s *Service) addKey(ctx context.Context, actor Actor, k apiKey) error {
	known, err := s.storedKeys(ctx)
	if err != nil {
		return err
	}
	if len(known) >= maxKeys {
		return fmt.Errorf("there are %d keys already, revoke one first: %w", len(known), ErrConflict)
	}
	return s.commit(ctx, func(w *work) error {
		if err := w.Get(&apiKey{ID: k.ID}); !errors.Is(err, ErrMissing) {
			return errors.Join(fmt.Errorf("id %s is taken, try again: %w", k.ID, ErrConflict), err)
		}
		w.Put(&k)
		return w.event(Event{Reason: KeyCreated, Actor: actor.Name, Detail: k.describe()})
	})
}

func (k *apiKey) describe() string {
	return strings.TrimSuffix(fmt.Sprintf("key %s, %s, %s", k.ID, k.Role, k.Note), ", ")
}

// commit runs fn in one transaction and waits until it is on the disk.
func (s *Service) commit(ctx context.Context, fn func(*work) error) error {
	durable, err := s.update(ctx, fn)
	if err != nil {
		return err
	}
	return durable.Wait(ctx)
}

// Keys lists all API keys.
func (s *Service) Keys(ctx context.Context, actor Actor) ([]APIKey, error) {
	if err := s.authorise(ctx, actor, actList, ""); err != nil {
		return nil, err
	}
	return s.storedKeys(ctx)
}

func (s *Service) storedKeys(ctx context.Context) ([]APIKey, error) {
	all, faults := []APIKey{}, error(nil)
	err := s.store.Scan(ctx, kindKey, "", func(key string, load func(Record) error) bool {
		k := apiKey{ID: key}
		if err := load(&k); err != nil {
			faults = fmt.Errorf("key %s: %w", key, err)
			return false
		}
		all = append(all, k.view())
		return true
	})
	if err := errors.Join(err, faults); err != nil {
		return nil, fmt.Errorf("reading API keys: %w", err)
	}
	return all, nil
}

// RevokeKey ends an API key at once.
func (s *Service) RevokeKey(ctx context.Context, actor Actor, id string) error {
	if err := s.authorise(ctx, actor, actKeys, ""); err != nil {
		return err
	}
	if len(id) != idLength {
		return fmt.Errorf("%.16q: %w", id, ErrBadKey)
	}
	err := s.commit(ctx, func(w *work) error {
		k := apiKey{ID: id}
		switch err := w.Get(&k); {
		case errors.Is(err, ErrMissing):
			return fmt.Errorf("%.16q: %w", id, ErrBadKey)
		case err != nil && !errors.Is(err, ErrDamaged): // a damaged one can be revoked
			return err
		}
		w.Delete(&k)
		return w.event(Event{Reason: KeyRevoked, Actor: actor.Name, Detail: k.describe()})
	})
	if err != nil {
		return fmt.Errorf("revoking an API key: %w", err)
	}
	return nil
}

// KeyActor tells whom a secret makes of its holder. It never tells whether the
// key's id exists.
func (s *Service) KeyActor(ctx context.Context, secret string) (Actor, error) {
	id, ok := keyID(secret)
	if !ok {
		return Actor{}, ErrBadKey
	}
	k := apiKey{ID: id}
	err := s.peek(ctx, &k)
	if err != nil && !errors.Is(err, ErrMissing) {
		return Actor{}, fmt.Errorf("reading API key %s: %w", id, err)
	}
	if err != nil || subtle.ConstantTimeCompare(k.Hash, hashKey(secret)) != 1 {
		return Actor{}, ErrBadKey
	}
	return k.actor(), s.touch(ctx, k)
}

func (k *apiKey) actor() Actor {
	name := "key " + k.ID
	if k.Note != "" {
		name += " (" + k.Note + ")"
	}
	return Actor{Name: name, Role: k.Role}
}

// touch notes that a key is in use. It neither waits for the disk nor revives
// a key that was revoked meanwhile. Where the store takes no writes the key
// still serves to read.
func (s *Service) touch(ctx context.Context, k apiKey) error {
	if s.now().Sub(k.Used) < usedCoarse {
		return nil
	}
	_, err := s.update(ctx, func(w *work) error {
		switch err := w.Get(&k); {
		case errors.Is(err, ErrMissing):
			return ErrBadKey
		case err != nil:
			return err
		}
		k.Used = w.now
		w.Put(&k)
		return nil
	})
	if errors.Is(err, ErrUnavailable) {
		return nil
	}
	return err
}
