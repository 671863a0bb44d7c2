// Command gen writes doc/events.md from the table of reasons in package core.
// It is run by go generate; a test fails when the page is stale.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"log"
	"os"

	"twofold/core"
)

func main() {
	out := flag.String("o", "events.md", "the `file` to write")
	flag.Parse()
	if err := os.WriteFile(*out, page(), 0o644); err != nil {
		log.Fatal(err)
	}
}

const preface = `# Events

<!-- Generated from core/events_reason.go by go generate; do not edit. -->

Every decision, every administrative act and every change of the server's state leaves one event. Its id never
changes its meaning, and an id that is retired is not used again: alarms and reports may rely on it. The name says
the same in words; metrics carry it as ` + "`reason`" + `. What a user is told never depends on it.

Events are chained: each holds the SHA-256 of the one before it and of itself, and ` + "`twofold events verify`" + `
finds whatever was altered, removed, added or moved. They are kept as ` + "`events.keep` and `events.max_size`" + `
say; of a flood of refusals of one kind, the first 20 of a minute are written one by one and the others as one
` + "`refusals-summed`" + ` with their number in ` + "`count`" + `.
`

var chapters = map[core.Reason]string{
	1: "Let in",
	2: "Refused",
	3: "Not decided: an outage",
	4: "Challenged",
	5: "Administration",
	6: "The server",
}

// page is the whole of doc/events.md.
func page() []byte {
	var b bytes.Buffer
	b.WriteString(preface)
	chapter := core.Reason(0)
	for _, r := range core.Reasons() {
		if r/1000 != chapter {
			chapter = r / 1000
			fmt.Fprintf(&b, "\n## TF%dxxx: %s\n\n| id | name | meaning |\n|---|---|---|\n", chapter, chapters[chapter])
		}
		fmt.Fprintf(&b, "| %s | `%s` | %s |\n", r, r.Name(), r.Text())
	}
	return b.Bytes()
}
