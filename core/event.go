package core

import "time"

// Event is one entry of the audit log: a decision, an administrative act, or
// something that happened to the server. It carries no secret (I10).
type Event struct {
	Seq     uint64    `cbor:"1,keyasint" json:"seq"`
	At      time.Time `cbor:"2,keyasint" json:"time"`
	Reason  Reason    `cbor:"3,keyasint" json:"id"` // the stable event id; see doc/events.md
	Result  Result    `cbor:"4,keyasint,omitempty" json:"result,omitempty"`
	Attempt string    `cbor:"5,keyasint,omitempty" json:"attempt,omitempty"`
	Client  string    `cbor:"6,keyasint,omitempty" json:"client,omitempty"`
	User    string    `cbor:"7,keyasint,omitempty" json:"user,omitempty"` // as resolved; as typed, cleaned and cut, where nobody was found
	Account AccountID `cbor:"8,keyasint,omitempty" json:"account,omitzero"`
	NAS     string    `cbor:"9,keyasint,omitempty" json:"nas,omitempty"`
	From    string    `cbor:"10,keyasint,omitempty" json:"from,omitempty"`
	Actor   string    `cbor:"11,keyasint,omitempty" json:"actor,omitempty"`
	Detail  string    `cbor:"12,keyasint,omitempty" json:"detail,omitempty"`
	Count   int       `cbor:"13,keyasint,omitempty" json:"count,omitempty"` // RefusalsSummed: how many
	Hash    []byte    `cbor:"14,keyasint" json:"-"`                         // SHA-256 of the previous event's hash and this event without its own
}
