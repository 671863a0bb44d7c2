package core

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"twofold/core/otp"
)

// EnrolRequest asks for a new token.
type EnrolRequest struct {
	Label string // for lists; may be empty
	Add   bool   // beside the tokens there are
}

// Enrolment is a new token with its seed, to be shown once and never logged.
type Enrolment struct {
	Token string `json:"token"` // its id
	URI   string `json:"uri"`   // otpauth://totp/...
	Key   string `json:"key"`   // the seed in base32, groups of four
}

// Format keeps the seed out of whatever is printed (I10).
func (e Enrolment) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "token %s", e.Token) }

// Enrol makes a token for a person, active at once, and hands out its seed.
func (s *Service) Enrol(ctx context.Context, actor Actor, name string, req EnrolRequest) (Enrolment, error) {
	token, err := s.newToken(tidyText(req.Label), s.now())
	if err != nil {
		return Enrolment{}, err
	}
	_, who, err := s.change(ctx, actor, actEnrol, name, func(c *change) error {
		if err := checkLabel(req.Label); err != nil {
			return err
		}
		if c.Standing == Enrolled && !req.Add {
			return fmt.Errorf("enrolled already; reset first, or ask for another token beside it: %w", ErrConflict)
		}
		if err := c.addToken(c.Account, token); err != nil {
			return err
		}
		return c.audit(UserEnrolled, "token "+token.ID)
	})
	if err != nil {
		return Enrolment{}, err
	}
	key := otp.Key{Issuer: s.current().rules.Issuer, Account: accountName(who), Secret: token.Secret, Params: token.Params}
	return Enrolment{Token: token.ID, URI: key.URI(), Key: otp.FormatKey(token.Secret)}, nil
}

// accountName is how authenticator apps name the person.
func accountName(who Identity) string {
	if who.UPN != "" {
		return who.UPN
	}
	return who.Login
}

// maxLabel bounds a token's label, in octets (I12).
const maxLabel = 64

func checkLabel(label string) error {
	if len(label) > maxLabel {
		return fmt.Errorf("label is longer than %d octets: %w", maxLabel, ErrInvalid)
	}
	return nil
}

// ResetRequest asks for an end to all tokens of a person.
type ResetRequest struct {
	Invite bool // give out an invitation too
}

// ResetResult is what came of it. Invitation is to be told once, never logged.
type ResetResult struct {
	Tokens     int       `json:"tokens"`               // removed
	Invitation string    `json:"invitation,omitempty"` // empty unless asked for
	Until      time.Time `json:"until,omitzero"`       // of the invitation
}

// Format keeps the invitation out of whatever is printed (I10).
func (r ResetResult) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "%d tokens removed", r.Tokens) }

// Reset removes a person's tokens and temporary codes. They are pending from
// then on: they enrol again under the rules for enrolment, and never count as
// somebody who never enrolled. With an invitation it is also how somebody who
// never enrolled is invited; where no challenge may show a key it is refused,
// since it would open nothing. Done by an administrator it mends a damaged record.
func (s *Service) Reset(ctx context.Context, actor Actor, name string, req ResetRequest) (ResetResult, error) {
	code, err := newTempCode(s.rand)
	if err != nil {
		return ResetResult{}, err
	}
	var result ResetResult
	_, _, err = s.change(ctx, actor, actReset, name, func(c *change) error {
		switch {
		case req.Invite && !s.current().rules.Enrolment.ShowKey:
			return fmt.Errorf("an invitation would open nothing: enrol_show_key is off; use user enrol: %w", ErrConflict)
		case c.Standing == NeverEnrolled && !req.Invite:
			return fmt.Errorf("never enrolled, so there is nothing to reset; an invitation can be given: %w", ErrConflict)
		}
		result = ResetResult{Tokens: len(c.Tokens)}
		return c.reset(req, code, &result)
	})
	if err != nil {
		return ResetResult{}, err
	}
	return result, nil
}

func (c *change) reset(req ResetRequest, code string, result *ResetResult) error {
	if err := c.dropTokens(c.Account); err != nil {
		return err
	}
	c.Temps = nil
	if err := c.audit(UserReset, counted(result.Tokens, "token", "removed")); err != nil || !req.Invite {
		return err
	}
	result.Invitation, result.Until = code, c.now.Add(invitationValid)
	c.giveTemp(Temp{Hash: hashTemp(c.ID, code), Digits: tempDigits, Until: result.Until, Uses: 1, Invite: true, Given: c.now})
	return c.audit(InvitationIssued, "until "+result.Until.UTC().Format(time.RFC3339))
}

// TempCodeRequest asks for a code that stands in for a token's.
type TempCodeRequest struct {
	For  time.Duration // 0: one hour; at most 24
	Uses int           // 0: one; at most 20
}

// TempCode is to be told once, never logged.
type TempCode struct {
	Code  string    `json:"code"`
	Until time.Time `json:"until"`
	Uses  int       `json:"uses"`
}

// Format keeps the code out of whatever is printed (I10).
func (t TempCode) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "until %s, uses: %d", t.Until.UTC().Format(time.RFC3339), t.Uses)
}

// TempCode gives out a temporary code, in the place of an earlier one.
func (s *Service) TempCode(ctx context.Context, actor Actor, name string, req TempCodeRequest) (TempCode, error) {
	code, err := newTempCode(s.rand)
	if err != nil {
		return TempCode{}, err
	}
	given := TempCode{Code: code, Uses: cmp.Or(req.Uses, 1)}
	_, _, err = s.change(ctx, actor, actTemp, name, func(c *change) error {
		if err := req.check(); err != nil {
			return err
		}
		given.Until = c.now.Add(cmp.Or(req.For, defaultTempFor))
		c.giveTemp(Temp{Hash: hashTemp(c.ID, code), Digits: tempDigits, Until: given.Until, Uses: given.Uses, Given: c.now})
		return c.audit(TempCodeIssued, fmt.Sprint(given))
	})
	if err != nil {
		return TempCode{}, err
	}
	return given, nil
}

func (r TempCodeRequest) check() error {
	if r.For != 0 && (r.For < time.Minute || r.For > maxTempFor) {
		return fmt.Errorf("a temporary code lasts from one minute to %v: %w", maxTempFor, ErrInvalid)
	}
	if r.Uses < 0 || r.Uses > maxTempUses {
		return fmt.Errorf("a temporary code has 1 to %d uses: %w", maxTempUses, ErrInvalid)
	}
	return nil
}
