// Package wire speaks the few messages of LDAPv3 (RFC 4511) that Twofold
// needs: simple bind, search, StartTLS and unbind, each as octets appended to
// a buffer, and their answers, read from a buffer.
//
// It exists beside a general library for three reasons. The caller knows
// exactly whether a bind request has left the process, which decides whether
// it may be tried elsewhere (I04). An assertion value is carried as octets
// with a length, never as text to be escaped, so that no name can change the
// shape of a filter (I06). And a login costs a handful of allocations.
//
// It is pure: no network, no clock. Lengths are bounded, indefinite lengths
// and high tag numbers refused (RFC 4511 section 5.1), nesting is not followed
// beyond what a message has. Controls and referrals are skipped.
package wire
