package ldapbind

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// hedgeAfter is how long a search may be unanswered before another server is
// asked as well. It is what a login waits when a server falls silent.
const hedgeAfter = 250 * time.Millisecond

var errSlow = errors.New("slow: another server answered first")

// usable lists the servers in the order in which they should be tried: those
// that are up as configured; where none is, the suspects.
func (d *directory) usable() ([]*server, error) {
	if health, _ := d.servers[0].state(); health == up {
		return d.servers, nil // those that follow are sorted out when they are needed
	}
	var good, doubtful []*server
	var all error
	for _, s := range d.servers {
		switch health, why := s.state(); health {
		case up:
			good = append(good, s)
		case suspect:
			doubtful = append(doubtful, s)
		case down:
			all = errors.Join(all, fmt.Errorf("%s is down: %w", s.url, why))
		}
	}
	if good = append(good, doubtful...); len(good) > 0 {
		return good, nil
	}
	return nil, all
}

// search asks one server after the other until one answers.
func (d *directory) search(ctx context.Context, q ldap.SearchRequest) (found []*ldap.Entry, result result, err error) {
	servers, all := d.usable()
	for i, s := range servers {
		if i > 0 && !s.worthwhile() {
			continue
		}
		found, result, err = d.searchFrom(ctx, s, servers[i+1:], q)
		if err == nil && result.code != ldap.LDAPResultBusy && result.code != ldap.LDAPResultUnavailable {
			return found, result, nil
		}
		if err == nil {
			err = result
		}
		all = errors.Join(all, fmt.Errorf("%s: %w", s.url, err))
		if ctx.Err() != nil {
			break
		}
	}
	return nil, result, all
}

func (s *server) worthwhile() bool {
	health, _ := s.state()
	return health != down
}

// reply is the answer of one of two servers that were asked the same.
type reply struct {
	found  []*ldap.Entry
	result result
	err    error
}

// searchFrom asks a server, and if it keeps silent the first good one of the
// others too.
func (d *directory) searchFrom(ctx context.Context, s *server, others []*server, q ldap.SearchRequest) ([]*ldap.Entry, result, error) {
	other := firstUp(others)
	if other == nil {
		return s.search(ctx, q)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	firstCtx, enough := context.WithCancel(ctx)
	defer enough()
	second := make(chan reply, 1)
	timer := time.AfterFunc(hedgeAfter, func() {
		found, result, err := other.search(ctx, q)
		second <- reply{found, result, err}
		if err == nil {
			enough()
		}
	})
	found, result, err := s.search(firstCtx, q)
	if timer.Stop() || err == nil {
		return found, result, err
	}
	if r := <-second; r.err == nil {
		s.doubt(errSlow)
		return r.found, r.result, nil
	}
	return found, result, err
}

func firstUp(servers []*server) *server {
	for _, s := range servers {
		if health, _ := s.state(); health == up {
			return s
		}
	}
	return nil
}
