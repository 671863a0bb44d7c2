package core

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// decoys is how many records stand in for names that have no account. Their
// lanes fill and recover as real ones do, so that a stranger who guesses codes
// cannot tell a name that exists from one that does not (I08), and yet they
// take a bounded place (I12).
const decoys = 4096

// decoy is the record of one slot.
type decoy struct {
	Slot  string `cbor:"-"`
	Lanes []Lane `cbor:"1,keyasint"`
}

func (d *decoy) Kind() Kind  { return kindDecoy }
func (d *decoy) Key() string { return d.Slot }
func (d *decoy) MarshalBinary() ([]byte, error) {
	type plain decoy
	return encoder.Marshal((*plain)(d))
}
func (d *decoy) UnmarshalBinary(b []byte) error {
	type plain decoy
	return decoder.Unmarshal(b, (*plain)(d))
}

// slot picks the decoy of a case: by the person's id where there is one, else
// by the bare name, so that spellings of an unknown name share a lane as those
// of a known one do. The key is the store's secret: nobody can look for two
// names that share a slot.
func (s *Service) slot(c *Case) string {
	mac := hmac.New(sha256.New, s.site.DecoyKey)
	if c.Missing == NoReason {
		mac.Write(c.Who.ID[:])
	} else {
		mac.Write([]byte(fold(bareName(c.Attempt.User))))
	}
	sum := binary.BigEndian.Uint16(mac.Sum(nil)) % decoys
	return string(binary.BigEndian.AppendUint16(nil, sum))
}

// bareName strips the domain off a name, whichever side it stands on.
func bareName(name string) string {
	name = strings.TrimSpace(name)
	if i := strings.LastIndexByte(name, '\\'); i >= 0 {
		return name[i+1:]
	}
	name, _, _ = strings.Cut(name, "@")
	return name
}

// decoy reads the account that stands in for nobody.
func (w *work) decoy(slot string) (Account, error) {
	d := decoy{Slot: slot}
	if err := w.Get(&d); err != nil && !errors.Is(err, ErrMissing) {
		return Account{}, fmt.Errorf("reading a decoy: %w", err)
	}
	return Account{slot: slot, Lanes: d.Lanes}, nil
}

// store writes an account, or the decoy it is, where it was changed.
func (w *work) store(a Account) {
	switch {
	case !a.dirty:
	case a.slot != "":
		w.Put(&decoy{Slot: a.slot, Lanes: a.Lanes})
	default:
		w.keep(a)
	}
}
