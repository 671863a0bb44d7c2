// Package otp turns a secret and a time into one-time codes, and back: a code
// into the time step it belongs to (RFC 6238 over RFC 4226). It also writes and
// reads the otpauth URIs by which secrets travel between servers and phones.
//
// Everything here is pure: no clock, no store, no randomness of its own. The
// package knows nothing of users, and it does not remember which steps were
// used. It answers "which step does this code belong to"; package core refuses
// a step that is not above the last one consumed (RFC 6238 section 5.2, I03).
// So that this comparison is sound, Match gives the highest matching step of
// the window: of some nine windows in a million two steps share a code, and
// the lower one would leave the code good for a second login.
//
// Every candidate of a window is computed and compared in constant time, so
// that the answer's time tells neither how much of a code was right nor which
// step it was. Nothing but exactly the right number of ASCII digits is a code:
// trimming and other kindness to typists belongs to the caller, once, before
// anything is looked up.
//
// Secrets are octets; base32 is only how they are written. They appear in no
// error and in no formatting of a Key (I10). The code generator is pquerna's.
// Its lookups, URI builder and QR drawing are not used: its validation accepts
// a code twice, and its URIs leave "&", "=" and "+" unescaped.
package otp
