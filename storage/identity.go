package storage

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"twofold/core"
)

// identity is the store's own record: the form of what it holds (one octet),
// and the id that the witness repeats (16 octets). Sealed, it also proves that
// the master key is the right one.
type identity struct {
	form byte
	id   [16]byte
}

const (
	storeForm   = 1
	identityKey = "\x00identity" // no kind is empty, so no record of core's meets it
)

// identify reads the identity, or writes one to a store that was just made.
func (s *Store) identify(created bool) (i identity, err error) {
	if created {
		if _, err := rand.Read(i.id[:]); err != nil {
			return i, fmt.Errorf("drawing an id: %w", err)
		}
	}
	ctx := context.Background()
	durable, err := s.engine.Update(ctx, func(t EngineTx) error {
		sealed, found, err := t.Get(identityKey)
		switch {
		case err != nil:
			return err
		case found:
			return i.read(s, sealed)
		case !created:
			return &Fault{Kind: ErrEmptied, What: "the store does not know its name", Hint: "restore a backup"}
		}
		sealed, err = s.sealer.seal(identityKey, append([]byte{storeForm}, i.id[:]...))
		t.Put(identityKey, sealed)
		return err
	})
	if err != nil {
		return i, err
	}
	return i, durable.Wait(ctx)
}

func (i *identity) read(s *Store, sealed []byte) error {
	plain, err := s.sealer.open(identityKey, sealed, s.sealer.recordKey)
	switch {
	case err != nil:
		return identityFault(err)
	case len(plain) > 0 && plain[0] > storeForm:
		return identityFault(ErrNewer)
	case len(plain) != 1+len(i.id):
		return identityFault(core.ErrDamaged)
	}
	i.form = plain[0]
	copy(i.id[:], plain[1:])
	return nil
}

func identityFault(err error) error {
	switch {
	case errors.Is(err, ErrWrongKey):
		return &Fault{Kind: ErrWrongKey, What: "the master key does not belong to this store",
			Hint: "put back the master.key that belongs to it, or restore a backup"}
	case errors.Is(err, ErrNewer):
		return &Fault{Kind: ErrNewer, What: "the store was written by a newer version of twofold",
			Hint: "run the newer version, or restore a backup made with this one"}
	}
	return &Fault{Kind: ErrBroken, What: "the store's own record is damaged", Hint: "restore a backup", Err: err}
}
