package core

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// MarshalJSON adds to the event's fields the name and the text of its id.
func (e Event) MarshalJSON() ([]byte, error) {
	type plain Event // without this method
	return json.Marshal(struct {
		plain
		Name string `json:"name"`
		Text string `json:"text"`
	}{plain(e), e.Reason.Name(), e.Reason.Text()})
}

// MarshalText makes the result's name stand in JSON.
func (r Result) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (r *Result) UnmarshalText(text []byte) error {
	results := []string{NoAnswer.String(), Reject.String(), Challenge.String(), Accept.String()}
	i := slices.Index(results, string(text))
	if i < 0 {
		return fmt.Errorf("result %.16q is not one of %s: %w", text, strings.Join(results, ", "), ErrInvalid)
	}
	*r = Result(i)
	return nil
}

// MarshalText makes String's form stand in JSON.
func (id AccountID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (id *AccountID) UnmarshalText(text []byte) error {
	parsed, ok := parseAccountID(string(text))
	if !ok {
		return fmt.Errorf("account %.80q is not two halves of 32 hexadecimal digits: %w", text, ErrInvalid)
	}
	*id = parsed
	return nil
}

// parseAccountID reads exactly what AccountID.String writes.
func parseAccountID(s string) (id AccountID, ok bool) {
	suffix, entry, found := strings.Cut(s, ".")
	octets, err := hex.DecodeString(suffix + entry)
	if !found || err != nil || len(suffix) != 32 || len(octets) != len(id) {
		return AccountID{}, false
	}
	id = AccountID(octets)
	return id, id.String() == s
}
