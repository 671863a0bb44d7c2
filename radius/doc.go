// Package radius is the RADIUS front-end: it turns Access-Requests into
// attempts for core and decisions into replies. It decides nothing itself.
//
// # Layers
//
// A packet passes through, from the outside in:
//
//	socket     one per listen address; remembers which address was asked
//	receive    one goroutine per socket: client by source address, header,
//	           Message-Authenticator, duplicates, Status-Server. Nothing in it waits.
//	queue      bounded; what does not fit is dropped at once
//	worker     bounded in number: attributes, password, core, reply
//	delay      holds a Reject back until its time; holds no worker
//
// The octets are read and written by layeh.com/radius (Parse, Encode and the
// attribute types). Its server is not used: it has no reply cache, no bound on
// its goroutines, and answers from the wrong address on a wildcard socket.
//
// # Threats
//
// Anybody can send datagrams with any source address. Therefore nothing is
// allocated, remembered or logged one by one for a packet that is not from a
// configured client, and nothing is remembered for a packet whose
// Message-Authenticator is wrong. A stranger on the path can change what MD5
// does not protect (Blast-RADIUS, CVE-2024-3596): Message-Authenticator is
// demanded by default and comes first in every reply; where a client cannot
// send one, requests with Proxy-State are dropped without it.
//
// A person who may log in through an honest NAS is no friend either: names and
// passwords are arbitrary octets, challenges may be answered late, twice or by
// somebody else. All of that is core's to judge; here passwords are only
// decoded, and refused where they are not text.
//
// # What it does not do
//
// It keeps no accounts, reads no configuration file, writes no events (core
// does, in Authenticate and Refuse), and takes neither accounting nor CoA
// packets. CHAP, MS-CHAP and EAP need a password in clear on the server, which
// a directory never gives out: they are refused (RFC 2865 section 2.2).
package radius
