package ldapbind

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// errServiceAccount says that the directory answered, but not to us.
var errServiceAccount = errors.New("the service account cannot bind")

// account remembers that the service account was refused, so that trying again
// and again does not lock it in the directory.
type account struct {
	mu    sync.Mutex
	why   error
	until time.Time
	pause time.Duration
}

const (
	firstPause   = time.Minute
	longestPause = 16 * time.Minute
)

// refused tells why the account should not be tried now.
func (a *account) refused(now time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.why != nil && now.Before(a.until) {
		return a.why
	}
	return nil
}

// note takes the answer to a bind of the account, and makes it an error.
func (a *account) note(result result, now time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if result.code == ldap.LDAPResultSuccess {
		a.why, a.pause = nil, 0
		return nil
	}
	err := fmt.Errorf("%w: %w", errServiceAccount, result)
	if result.code == ldap.LDAPResultInvalidCredentials {
		a.why, a.pause = err, min(max(firstPause, 2*a.pause), longestPause)
		a.until = now.Add(a.pause)
	}
	return err
}
