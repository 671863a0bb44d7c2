//go:build bench

package bench

import (
	"flag"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"twofold/internal/lab"
)

var (
	users    = flag.Int("users", 20000, "users, each of whom logs in once a pass")
	levels   = flag.String("outstanding", "1,16,64,256", "requests outstanding, one pass for each")
	only     = flag.String("only", "", "measure twofold or freeradius alone; empty: both")
	search   = flag.Bool("search", false, "measure FreeRADIUS with a search before the bind, too")
	program  = flag.String("twofold", "../bin/twofold", "the program to measure")
	stateDir = flag.String("state", "", "where Twofold keeps its state; empty: a temporary directory")
)

// warmers log in before a pass, to open connections and fill caches.
const warmers = 512

// apart is more than the time a code is good for and an entry remembered.
const apart = 31 * time.Second

func TestBench(t *testing.T) {
	runtime.LockOSThread() // children end with the thread that started them
	directory := lab.StartSlapd(t, lab.SlapdConfig{Bulk: *users + warmers})
	people := makePeople(*users + warmers)
	b := bench{directory: directory, people: people[:*users], warmers: people[*users:]}
	if *only != "twofold" {
		b.servers = append(b.servers, startFreeRADIUS(t, directory, people, false))
		if *search {
			b.servers = append(b.servers, startFreeRADIUS(t, directory, people, true))
		}
	}
	if *only != "freeradius" {
		b.servers = append(b.servers, startTwofold(t, directory, people))
	}
	var rows []row
	for _, n := range outstanding(t) {
		rows = append(rows, b.level(t, n)...)
	}
	fmt.Print(report(t, rows, len(b.people), b.servers))
}

type bench struct {
	directory       *lab.Slapd
	people, warmers []person
	servers         []*server
}

// level measures every server at one number of requests outstanding.
func (b *bench) level(t *testing.T, n int) []row {
	rows := []row{{outstanding: n, name: bare, result: bareBinds(t, b.directory, b.people, n)}}
	for _, s := range b.servers {
		time.Sleep(time.Until(s.notBefore))
		t.Logf("%d outstanding: %s", n, s.name)
		load(t, s, b.warmers, min(n, 64))
		rows = append(rows, row{outstanding: n, name: s.name, result: s.measure(t, b.people, n)})
		if s.oneTime {
			s.notBefore = time.Now().Add(apart)
		}
	}
	return rows
}

func outstanding(t *testing.T) (all []int) {
	for field := range strings.SplitSeq(*levels, ",") {
		n, err := strconv.Atoi(field)
		if err != nil || n < 1 {
			t.Fatalf("-outstanding: %q is not a number of requests", field)
		}
		all = append(all, n)
	}
	return all
}
