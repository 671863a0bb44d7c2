// Package bench compares Twofold with FreeRADIUS 3.2 on one machine, in one run,
// with one load generator. `make bench` runs it and prints Markdown; it is no
// test of the product and nothing waits for it. It needs no root, and of Debian
// slapd, freeradius and freeradius-ldap.
//
// # What is measured
//
// slapd holds the users. Each of them logs in once a pass, with password and
// one-time code in the password field, over RADIUS with Message-Authenticator.
// The code is made when the packet is. A pass keeps a fixed number of requests
// outstanding, each on a socket of its own; a request that is not answered is
// sent again after a second, as gateways do, up to five times.
//
// Both servers meet the same directory over plain LDAP and are told of the same
// secrets; FreeRADIUS reads them from memory (rlm_files). For every number of
// outstanding requests FreeRADIUS goes first, then Twofold, each after a short
// warm-up with other users. Twofold accepts a code once and remembers entries
// for 30 s, so its passes are more than that apart.
//
// FreeRADIUS is measured twice where -search is given: binding as a DN made of
// the name (which is fast and knows no groups, no second spelling and no
// disabled accounts), and searching for the entry first, which is what Twofold
// does. The ratios are against the faster one.
//
// CPU is the server's user and system time over the pass, by /proc; directory
// and generator run on the same cores and take theirs. "Bare binds" is what the
// directory can do: the same binds, already encoded, on as many connections,
// with nobody between.
package bench
