package demodir

import (
	"bufio"
	"bytes"
	"testing"
)

// Whatever octets come in, they are refused or searched for, without a panic.
func FuzzRequest(f *testing.F) {
	site := Sample()
	tree, err := newTree(site.Suffix, site.Entries)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		message, err := readMessage(bufio.NewReader(bytes.NewReader(data)), 4096)
		if err != nil {
			return
		}
		r, err := decode(message)
		if err != nil {
			return
		}
		c := &session{server: &Server{tree: tree, config: Config{}.withDefaults()}}
		switch op := r.op.(type) {
		case bind:
			c.authenticate(r, op)
		case search:
			c.bound = true
			if packets := c.find(r, op); len(packets) == 0 {
				t.Error("a search has no answer")
			}
		}
	})
}
