// Package e2e tries Twofold as it is delivered: the static binary as a process
// of its own, under a configuration file, against a real Samba Active
// Directory, asked by Debian's radclient and pam_radius_auth and by its own
// command line. Everything is in tests with the build tag integration.
//
// # Layers
//
// Package internal/lab brings the peers. Here, a server is one process with a
// configuration and a state directory of its own; a door is a RADIUS client of
// it, told apart by its source address; a person is an account of the directory
// with a token, whose codes are made as an authenticator makes them. The window
// of the tokens is wide, so that a person has twenty codes to use up, in their
// order, without waiting for a clock.
//
// One domain is shared by all tests, which use accounts of their own. Tests
// that stop a domain controller, or change what holds for all of it, start one
// for themselves.
//
// # What it does not do
//
// Rules of decisions are tried in package core, packets in package radius, the
// store in package storage. Here is what only all of them together can show.
package e2e
