package demodir

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// session is what one connection is in the middle of. Requests are answered
// one after another, as they came.
type session struct {
	server *Server
	conn   net.Conn
	reader *bufio.Reader
	bound  bool // by a bind with a name
}

// serve answers requests until the peer leaves, errs or idles. A panic ends
// this connection alone.
func (s *Server) serve(conn net.Conn) {
	defer func() {
		if fault := recover(); fault != nil {
			s.config.Fault(fmt.Errorf("serving a connection: %v", fault))
		}
	}()
	c := &session{server: s, conn: conn, reader: bufio.NewReader(conn)}
	for c.next() {
	}
}

// next reads and answers one request, and tells whether to go on.
func (c *session) next() bool {
	if err := c.conn.SetDeadline(time.Now().Add(c.server.config.Idle)); err != nil {
		return false
	}
	message, err := readMessage(c.reader, c.server.config.MaxMessage)
	if errors.Is(err, errMessage) {
		c.disconnect(err)
		return false
	}
	if err != nil {
		return false
	}
	r, err := decode(message)
	if err != nil {
		c.disconnect(err)
		return false
	}
	return c.answer(r)
}

// disconnect tells the peer that it is not understood (RFC 4511 section 4.4.1).
// The connection ends in any case, so a failure to say so changes nothing.
func (c *session) disconnect(why error) {
	if err := c.send(notice(result{ldap.LDAPResultProtocolError, why.Error()})); err != nil {
		c.server.config.Fault(fmt.Errorf("disconnecting: %w", err))
	}
}

func (c *session) send(packets ...[]byte) error {
	for _, p := range packets {
		if _, err := c.conn.Write(p); err != nil {
			return fmt.Errorf("answering: %w", err)
		}
	}
	return nil
}

// answer carries out a request and tells whether the connection goes on.
func (c *session) answer(r request) bool {
	switch op := r.op.(type) {
	case unbind:
		return false
	case abandon:
		return true // whatever it names has been answered
	case bind:
		return c.send(done(r.id, op.responseTag(), c.authenticate(r, op))) == nil
	case search:
		return c.send(c.find(r, op)...) == nil
	case other:
		return c.send(done(r.id, op.responseTag(), op.refusal())) == nil
	}
	return false
}

var (
	success     = result{code: ldap.LDAPResultSuccess}
	badControl  = result{ldap.LDAPResultUnavailableCriticalExtension, "no control is supported"}
	wrongPair   = result{ldap.LDAPResultInvalidCredentials, ""} // for a wrong name too: names are not to be tried out
	notBound    = result{ldap.LDAPResultInsufficientAccessRights, "bind first"}
	noSuch      = result{ldap.LDAPResultNoSuchObject, ""}
	badName     = result{ldap.LDAPResultInvalidDNSyntax, ""}
	tooMany     = result{ldap.LDAPResultSizeLimitExceeded, ""}
	noPassword  = result{ldap.LDAPResultUnwillingToPerform, "a name without a password (RFC 4513 section 5.1.2)"}
	onlyVersion = result{ldap.LDAPResultProtocolError, "only LDAPv3"}
	onlySimple  = result{ldap.LDAPResultAuthMethodNotSupported, "only simple binds"}
)

// authenticate answers a bind. Until it has succeeded the connection is
// anonymous (RFC 4511 section 4.2.1).
func (c *session) authenticate(r request, b bind) result {
	c.bound = false
	switch {
	case r.critical:
		return badControl
	case b.version != 3:
		return onlyVersion
	case !b.simple:
		return onlySimple
	case b.name == "" && b.password == "":
		return success
	case b.password == "":
		return noPassword
	case !c.server.tree.passwordOf(b.name, b.password):
		return wrongPair
	}
	c.bound = true
	return success
}

// find answers a search. The root is there for everybody, so that a client
// can find out where it is (RFC 4512 section 5.1).
func (c *session) find(r request, s search) [][]byte {
	found, res := c.look(r, s)
	limit := c.server.config.MaxEntries
	if s.sizeLimit > 0 && s.sizeLimit < int64(limit) {
		limit = int(s.sizeLimit)
	}
	if len(found) > limit {
		found, res = found[:limit], tooMany
	}
	var packets [][]byte
	for _, e := range found {
		packets = append(packets, entryResult(r.id, e, s))
	}
	return append(packets, done(r.id, ldap.ApplicationSearchResultDone, res))
}

func (c *session) look(r request, s search) ([]*entry, result) {
	switch {
	case r.critical:
		return nil, badControl
	case s.unsupported != "":
		return nil, result{ldap.LDAPResultUnwillingToPerform, s.unsupported}
	case s.base == "" && s.scope == ldap.ScopeBaseObject:
		return c.server.tree.rootDSE(s.filter)
	case !c.bound:
		return nil, notBound
	}
	return c.server.tree.search(s)
}

// errMessage is for what is no LDAP message, or a longer one than is read.
var errMessage = errors.New("not an LDAP message of an acceptable length")

// readMessage reads the octets of one message. It looks at the length before
// it reads on; indefinite lengths are not for LDAP (RFC 4511 section 5.1).
func readMessage(r *bufio.Reader, longest int) ([]byte, error) {
	head, err := r.Peek(2)
	if err != nil {
		return nil, err
	}
	if head[0] != 0x30 || head[1] == 0x80 || head[1] > 0x84 {
		return nil, errMessage
	}
	length, octets := int(head[1]), 0
	if head[1] > 0x80 {
		octets, length = int(head[1]&0x7f), 0
		if head, err = r.Peek(2 + octets); err != nil {
			return nil, err
		}
		for _, b := range head[2:] {
			length = length<<8 | int(b)
		}
	}
	if length > longest {
		return nil, errMessage
	}
	message := make([]byte, 2+octets+length)
	_, err = io.ReadFull(r, message)
	return message, err
}
