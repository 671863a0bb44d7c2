package ldapbind

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"twofold/core"
)

// result is how a server answered, RFC 4511 section 4.1.9. As an error it is an
// answer that was not the one hoped for.
type result struct {
	code    uint16
	message string
}

// Error says what the server said.
func (r result) Error() string { return fmt.Sprintf("LDAP result %d: %q", r.code, r.message) }

// answered parts a server's answer from trouble. go-ldap reports both as errors
// and some trouble as results: its own codes begin with ErrorNetwork.
func answered(err error) (result, error) {
	var said *ldap.Error
	switch {
	case err == nil:
		return result{}, nil
	case errors.Is(err, ldap.ErrSizeLimitExceeded): // noticed on this side
		return result{code: ldap.LDAPResultSizeLimitExceeded}, nil
	case !errors.As(err, &said) || said.ResultCode >= ldap.ErrorNetwork && said.ResultCode <= ldap.ErrorMalformedPacket:
		return result{}, err
	}
	return result{said.ResultCode, said.Err.Error()}, nil
}

// subCode is where Active Directory hides the reason:
// "80090308: LdapErr: DSID-0C09..., comment: AcceptSecurityContext error, data 52e, v4563".
var subCode = regexp.MustCompile(`\bdata ([0-9a-fA-F]{1,8})\b`)

// judgeBind says what an answer to a bind means. The directory did not look at
// the password where it was busy, or demands another kind of connection first.
func judgeBind(r result) core.Bound {
	switch r.code {
	case ldap.LDAPResultSuccess:
		return core.Bound{Outcome: core.Right}
	case ldap.LDAPResultBusy, ldap.LDAPResultUnavailable,
		ldap.LDAPResultStrongAuthRequired, ldap.LDAPResultConfidentialityRequired:
		return core.Bound{Outcome: core.Unsent, Why: "the server answered with result " + strconv.Itoa(int(r.code))}
	case ldap.LDAPResultInvalidCredentials:
		return judgeSubCode(r.message)
	}
	return core.Bound{Outcome: core.Refused, Code: "ldap-" + strconv.Itoa(int(r.code))}
}

// judgeSubCode: 52e is a wrong password, 525 an entry that is gone. The others
// ("533" disabled, "773" must change) come with a right password only, save
// for "775", locked.
func judgeSubCode(message string) core.Bound {
	found := subCode.FindStringSubmatch(message)
	if found == nil {
		return core.Bound{Outcome: core.Wrong}
	}
	switch code := strings.ToLower(found[1]); code {
	case "52e", "525":
		return core.Bound{Outcome: core.Wrong}
	default:
		return core.Bound{Outcome: core.Refused, Code: code}
	}
}
