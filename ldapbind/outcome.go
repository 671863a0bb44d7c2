package ldapbind

import (
	"regexp"
	"strconv"
	"strings"

	"twofold/core"
	"twofold/ldapbind/wire"
)

// Result codes, RFC 4511 appendix A.
const (
	success             = 0
	sizeLimitExceeded   = 4
	strongAuthRequired  = 8
	confidentialityReqd = 13
	noSuchObject        = 32
	invalidCredentials  = 49
	insufficientRights  = 50
	busy                = 51
	unavailable         = 52
)

// subCode is where Active Directory hides the reason:
// "80090308: LdapErr: DSID-0C09..., comment: AcceptSecurityContext error, data 52e, v4563".
var subCode = regexp.MustCompile(`\bdata ([0-9a-fA-F]{1,8})\b`)

// judgeBind says what an answer to a bind means. The directory did not look at
// the password where it was busy, or demands another kind of connection first.
func judgeBind(r wire.Result) core.Bound {
	switch r.Code {
	case success:
		return core.Bound{Outcome: core.Right}
	case busy, unavailable, strongAuthRequired, confidentialityReqd:
		return core.Bound{Outcome: core.Unsent}
	case invalidCredentials:
		return judgeSubCode(r.Message)
	}
	return core.Bound{Outcome: core.Refused, Code: "ldap-" + strconv.Itoa(r.Code)}
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
