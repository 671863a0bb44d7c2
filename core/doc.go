// Package core takes every decision of Twofold and every administrative act:
// who is let in, what is asked of them, what is counted against whom, and who
// may change any of it. It has no network, no disk, no logger and no clock of
// its own; it reaches a directory and a store through the interfaces of
// ports.go, and front-ends reach it through Authenticate and the methods that
// take an Actor.
//
// # How a decision comes about
//
//	Resolve           one entry, whatever the spelling          (I06)
//	judge             what this person has to bring here        policy.go
//	check     tx 1    throttle charged, codes matched, code and
//	                  bind held for this attempt                check.go, answer.go
//	Bind              once, if the verdict wants it             (I04)
//	settle    tx 2    hold consumed or dropped, password
//	                  counted, event written, durable           settle.go (I02, I11)
//	Decision          data; a front-end words and delays it     (I08)
//
// judge, check and settle are pure: they see an Account, a Case and an
// instant, and what they return is all they do. authenticate.go runs them in
// transactions; nothing else changes an account on a login's behalf.
//
// A dialogue's first leg under the deferred check writes nothing: what the
// second leg needs travels, sealed, in the State (challenge.go, leg.go).
//
// # Threats
//
// Strangers who know names and nothing else: they can neither lock an account
// in the directory, nor guess a code in useful time, nor keep its owner out,
// nor learn which names exist (throttle.go, passwords.go, decoy.go, lost.go).
// Somebody who saw a code: it works once. Somebody who knows a
// password: wrong codes after it lock for longer and longer, and end with the
// token disabled (known.go). Two requests at once, a process that dies between
// bind and record: holds (holds.go). An administrator who oversteps: authorise
// before acting, and no act without its event. A store that lost or damaged
// records: a refusal, never "not enrolled" (ledger.go).
//
// # What it does not do
//
// It does not word replies, wait, retransmit, encode packets, or keep what a
// reply cache keeps. It cannot help against somebody who holds both factors.
package core
