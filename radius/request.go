package radius

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	codec "layeh.com/radius"
	"layeh.com/radius/rfc2865"
	"layeh.com/radius/rfc2869"
	"twofold/core"
)

// request is a believed Access-Request on its way to its reply.
type request struct {
	socket *socket
	peer   netip.AddrPort
	asked  asked
	table  *table
	client *Client
	secret *Secret // nil until the password has told which
	packet []byte
	came   time.Time
	entry  *entry

	control [controlLen]byte // behind asked
}

var requests = sync.Pool{New: func() any { return new(request) }}

// takeRequest copies what the socket's buffers hold only until the next packet.
func takeRequest(from request, packet []byte, control asked) *request {
	r := requests.Get().(*request)
	space := r.packet[:0]
	*r = from
	r.packet = append(space, packet...)
	r.asked = append(r.control[:0], control...)
	return r
}

func (r *request) release() { requests.Put(r) }

func (r *request) authenticator() []byte { return r.packet[4:headerLen] }

// attributes parses what look has walked over already, and fails where an
// attribute stands twice that may stand but once.
func (r *request) attributes() (codec.Attributes, bool) {
	attrs, err := codec.ParseAttributes(r.packet[headerLen:])
	if err != nil {
		return nil, false
	}
	var seen [256]bool
	for _, a := range attrs {
		switch a.Type {
		case rfc2865.UserName_Type, rfc2865.UserPassword_Type, rfc2865.CHAPPassword_Type, rfc2865.State_Type:
			if seen[a.Type] {
				return nil, false
			}
			seen[a.Type] = true
		}
	}
	if state, ok := attrs.Lookup(rfc2865.State_Type); ok && len(state) == 0 {
		return nil, false // RFC 2865 section 5.24: at least one octet
	}
	return attrs, true
}

// attempt makes of the attributes what core judges. Where that cannot be
// judged it gives the reason for which core shall refuse it.
func (r *request) attempt(attrs codec.Attributes) (core.Attempt, core.Reason) {
	at := core.Attempt{ID: newID(), Client: r.client.Core, Place: r.place(attrs), User: string(attrs.Get(rfc2865.UserName_Type))}
	field, why := r.password(attrs)
	if why == core.NoReason && (at.User == "" || !isText([]byte(at.User))) {
		why = core.UnknownUser
	}
	at.User = strings.ToValidUTF8(at.User, "\uFFFD")
	if why != core.NoReason {
		return at, why
	}
	if state, ok := attrs.Lookup(rfc2865.State_Type); ok {
		at.State, at.Code = state, field
		return at, core.NoReason
	}
	if password, code, ok := splitSCRV1(field); ok {
		at.Password, at.Code = password, code
		return at, core.NoReason
	}
	at.Password = field
	return at, core.NoReason
}

// password decodes the User-Password. An answer to a challenge may lack it:
// core knows what an empty answer is. Beside another method it counts for
// nothing (RFC 2865 section 4.1: never both).
func (r *request) password(attrs codec.Attributes) (string, core.Reason) {
	hidden, sent := attrs.Lookup(rfc2865.UserPassword_Type)
	text, readable := r.decrypt(hidden)
	_, answers := attrs.Lookup(rfc2865.State_Type)
	switch {
	case otherMethod(attrs), !sent && !answers:
		return "", core.MethodUnsupported
	case sent && !readable:
		return "", core.UnusablePassword
	}
	return text, core.NoReason
}

// decrypt settles which secret the reply is made with, too.
func (r *request) decrypt(hidden codec.Attribute) (text string, ok bool) {
	if r.secret != nil {
		return clearPassword(hidden, r.authenticator(), r.secret)
	}
	r.secret, text, ok = r.client.openPassword(hidden, r.authenticator())
	return text, ok
}

// otherMethod tells whether the NAS asks for CHAP, MS-CHAP, EAP, ARAP or
// Digest, none of which works with a password that only a directory can check.
func otherMethod(attrs codec.Attributes) bool {
	return slices.ContainsFunc(attrs, func(a *codec.AVP) bool {
		switch a.Type {
		case rfc2865.CHAPPassword_Type, rfc2869.EAPMessage_Type, rfc2869.ARAPPassword_Type, digestResponse:
			return true
		case rfc2865.VendorSpecific_Type:
			return isMSCHAP(a.Attribute)
		}
		return false
	})
}

const (
	digestResponse = 103 // RFC 5090 section 3.1
	microsoft      = "\x00\x00\x01\x37"
)

// isMSCHAP knows MS-CHAP-Response and MS-CHAP2-Response (RFC 2548 sections
// 2.1.3 and 2.3.2). Both stand first in their attribute in practice.
func isMSCHAP(value codec.Attribute) bool {
	return len(value) > 4 && string(value[:4]) == microsoft && (value[4] == 1 || value[4] == 25)
}

func (r *request) place(attrs codec.Attributes) core.Place {
	p := core.Place{NAS: r.peer.Addr().Unmap().WithZone("")}
	if read := addressIn[r.client.TrustAddressFrom]; read != nil {
		p.Person = read(attrs)
	}
	return p
}

// newID names an attempt: 64 random bits, so that no two of one event log are
// likely to be the same.
func newID() string {
	id := strconv.FormatUint(rand.Uint64(), 16)
	return strings.Repeat("0", 16-len(id)) + id
}
