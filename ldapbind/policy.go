package ldapbind

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// guessed stands for a password settings object that the service account may
// not read, as is the rule in Active Directory: no lower threshold is known in
// the field than 3, and no count of wrong passwords is taken to be forgotten
// within a day. doctor says how to make such objects readable.
var guessed = lockoutPolicy{threshold: 4, window: 24 * time.Hour, duration: time.Nanosecond}

// policy is the lockout policy that holds for an entry: that of its resultant
// password settings object, else the domain's.
func (h hit) policy(ctx context.Context, f *facts) (lockoutPolicy, error) {
	dn := h.entry.GetEqualFoldAttributeValue("msDS-ResultantPSO")
	if dn == "" {
		return f.lockout, nil
	}
	if p, ok := h.psos.get(dn); ok {
		return p, nil
	}
	p, err := h.readPSO(ctx, dn)
	if errors.Is(err, errHidden) {
		p, err = stricter(guessed, f.lockout), nil
	}
	if err == nil {
		h.psos.put(dn, p)
	}
	return p, err
}

// errHidden: the object may be there, but not for the service account.
var errHidden = errors.New("not readable")

func (d *directory) readPSO(ctx context.Context, dn string) (lockoutPolicy, error) {
	e, err := d.readOne(ctx, baseSearch(dn,
		"msDS-LockoutThreshold", "msDS-LockoutObservationWindow", "msDS-LockoutDuration"))
	var refused result
	switch {
	case errors.Is(err, errNoEntry), errors.As(err, &refused) && refused.code == ldap.LDAPResultInsufficientAccessRights:
		return lockoutPolicy{}, errHidden
	case err != nil:
		return lockoutPolicy{}, fmt.Errorf("reading the password settings object %s: %w", dn, err)
	case e.GetEqualFoldAttributeValue("msDS-LockoutThreshold") == "":
		return lockoutPolicy{}, errHidden
	}
	return readPolicy(e, "msDS-LockoutThreshold", "msDS-LockoutObservationWindow", "msDS-LockoutDuration")
}

// stricter takes the guess, and the domain's policy where that is stricter.
func stricter(guess, domain lockoutPolicy) lockoutPolicy {
	if domain.threshold > 0 {
		guess.threshold = min(guess.threshold, domain.threshold)
	}
	guess.window = max(guess.window, domain.window)
	return guess
}
