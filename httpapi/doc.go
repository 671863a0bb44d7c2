// Package httpapi is Twofold over HTTP: the administrative API, the
// authentication API for applications, and the client with which the command
// line speaks to the running server.
//
// The same routes have two doors. Over the admin socket, a unix socket, the
// kernel says who is there (SO_PEERCRED): root and the server's own user are
// administrators, everybody else is nobody. Over HTTPS an API key says so.
// Either way there is an Actor from then on, and package core decides what it
// may do, and writes it down (I13). Two things are judged here, because core
// has no act for them: only applications and administrators may ask for a
// login to be judged, and only administrators may run the doctor.
//
// A login over HTTP is the same attempt as over RADIUS. Its answer is always
// status 200 with a result; all refusals are one text, no sooner than the
// floor (I08). While a refusal waits, it holds a place among those waiting,
// not one among those working.
//
// Errors are problem details (RFC 9457), made from core's sentinel errors in
// problem.go and nowhere else. What is not one of those is logged under the
// request's id, and the caller is told the id only.
//
// Against strangers: requests, connections, followers, bodies and times are
// bounded (I12); of a source that keeps bringing unknown keys only one at a
// time is looked at, unless it is one that was good before; a path is taken as
// it was sent or not at all, and a body has exactly the fields that are known.
// Nothing here is for browsers: there are no cookies, so nothing can be forged
// across sites, and no CORS. Passwords, codes and keys stand in bodies and
// headers, never in a URL, and are in no log (I10).
//
// The OpenAPI document is written by hand for people to read; a test holds it
// against the routes and the structs.
package httpapi
