// Package demodir is the small LDAP directory that `twofold demo` logs in to:
// a real LDAP server (RFC 4511) over a loopback socket, so that the demo runs
// the same code as a site with slapd, and needs neither root nor a package.
//
// It answers simple binds by distinguished name, searches (base, one level,
// subtree; and, or, not, equality, approximate match, presence, substrings)
// over entries given at the start, unbind and abandon. Everything is kept in
// memory and never changes. Each entry has an entryUUID made from its name, so
// that two runs of the demo have the same people; memberOf is computed from
// the groups' member values, as slapd's overlay does.
//
// What it does not do is refused with the result the RFC names: SASL and
// LDAPv2 binds, writes, compares, extended operations (StartTLS among them),
// extensible and ordering filters, critical controls. It has no schema: values
// compare without regard to case and to extra spaces, and those of member and
// memberOf as distinguished names.
//
// Layering: message.go and filter.go decode what came in, without a connection
// or entries at hand; tree.go holds the entries and searches them; conn.go
// joins the two; response.go encodes answers.
//
// Threats: anything that can open a loopback socket can talk to it, in clear.
// It therefore listens on loopback only, holds sample people only, and is
// bounded: connections, octets of a message (its length is looked at before it
// is read), entries of an answer, idle time. A panic ends one connection.
// Passwords are no attributes and cannot be searched for or read.
package demodir
