package main

import (
	"bytes"
	"fmt"
)

const preface = `# Invariants

<!-- Generated from internal/invariants and the names of the tests by go generate; do not edit. -->

These hold over every front-end, every restart and every fault. Each has tests that carry its number. Those marked
with * meet real peers (Samba as Active Directory, slapd, RADIUS clients) and run in ` + "`make test`" + `.
`

// invariants in the words of the project, by number.
var invariants = []struct{ Number, Text string }{
	{"I01", "Nobody is accepted without every factor that policy requires, checked in this exchange; never with no factor at all."},
	{"I02", "Nobody is accepted before the record that uses up the code is on the disk."},
	{"I03", "One code is accepted at most once, whatever runs in parallel, dies or is restored. The highest step that matches is used up, and the last step never moves back. One seed belongs to one token."},
	{"I04", "An attempt binds at most once, never with an empty password or one that holds a NUL, and never again elsewhere once the directory may have seen it. Attempts in parallel stay within the password budget."},
	{"I05", "A wrong or missing code never reaches the directory in append mode, nor in challenge mode with the deferred check: strangers cannot lock accounts."},
	{"I06", "Every spelling of a name leads to one directory entry before policy, exclusions, throttle or tokens are looked at; the record's key is the entry's own id. What is ambiguous or has an unknown suffix is refused. Renamed is the same person, recreated another."},
	{"I07", "A failed lookup, a damaged or lost record and an emptied store are refusals, never \"not enrolled\"."},
	{"I08", "An unknown user, one who is not enrolled, a wrong password, a wrong code and a spent throttle get the same kind of reply, of the same text and length, after the same time."},
	{"I09", "A retransmission gets the same octets and causes no second evaluation, neither in flight nor afterwards."},
	{"I10", "Passwords, seeds, codes and keys are in no log, error, metric, argument list, store in clear or unencrypted backup; a password that waits between two legs is in no store at all."},
	{"I11", "Every decision leaves one event, durable before an Accept is sent; if it cannot be written, the answer is no. Floods of refusals are summed. Events are chained by hashes."},
	{"I12", "Every queue, cache, table, count of connections and record is bounded; overload sheds early and recovers by itself."},
	{"I13", "All front-ends come through core and are equally strong; every administrative act authorises and audits its actor there."},
}

// page is the whole of doc/invariants.md.
func page(tests map[string][]found) []byte {
	var b bytes.Buffer
	b.WriteString(preface)
	for _, inv := range invariants {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n", inv.Number, inv.Text)
		for _, t := range tests[inv.Number] {
			mark := ""
			if t.Peers {
				mark = " *"
			}
			fmt.Fprintf(&b, "- %s (`%s`)%s\n", t.Sentence, t.Package, mark)
		}
	}
	return b.Bytes()
}
