// Package ldapbind finds people in directories and checks their passwords. It
// implements core.Directory over Active Directory (Samba too) and over plain
// LDAP (OpenLDAP, FreeIPA).
//
// # Names
//
// A name is taken apart (name.go), a plan says which directories are asked for
// which forms of it (plan.go), and one search with all forms in one filter
// finds the entry (resolve.go). A value gets into a filter in one place, which
// escapes it (search.go). Which spellings are the same person is never decided
// here: the directory matches by its own rules, and whatever it found is known
// from then on by the directory's id and the entry's (I06).
// Where several entries bear a name, an explicit one (userPrincipalName,
// sAMAccountName) outranks one put together of login and suffix, and that an
// address; the rest is ambiguous, and refused. A directory that cannot answer
// makes the answer unavailable: nobody is guessed, nobody is "unknown".
//
// # Binds
//
// A password is checked by at most one bind (I04). Nothing sent: the next
// server may be tried. Anything sent and no answer: the outcome is unknown,
// the connection is thrown away, and no server is asked again. Connections for
// binds and for searches are pools of their own: a bind leaves its connection
// bound as the user. An idle connection is looked at before it is used, so
// that one the server has closed costs nobody a login.
//
// # Connections
//
// The protocol is go-ldap's. What it leaves open is closed around it: dialling
// and TLS end with a context (dial.go); writes have a deadline, and the octets
// that left are counted, which is how a bind is known to be unsent (stream.go);
// a request whose answer does not come in time takes its connection with it
// (conn.go). Nothing is asked on a connection after any of that.
//
// # Servers
//
// Several URLs are one directory. A server that failed becomes suspect, is
// probed at once, and is left alone while it is down; it comes back by a probe
// within seconds. A search that is not answered within a quarter of a second
// goes to another server as well. Everything waits with a deadline, and every
// pool, queue and cache is bounded (I12).
//
// # Threats
//
// Strangers choose names and passwords. A name cannot change the shape of a
// filter, an empty password is never sent (it would be a bind as nobody, which
// succeeds), and made-up names do not push users out of the cache. Somebody on
// the wire: TLS 1.2 or newer with host name and authority checked, never
// falling back to clear text. The directory itself is trusted, but not to send
// well-formed or bounded answers: those end the connection, not the process.
//
// # What it does not do
//
// It follows no referrals and no aliases, searches no global catalogue, and
// writes nothing to a directory. It does not decide whether a password may be
// tried: core does, from Identity.Lockout. badPwdCount is not replicated
// between domain controllers, so that count is one controller's.
package ldapbind
