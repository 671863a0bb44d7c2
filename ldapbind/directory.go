package ldapbind

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-ldap/ldap/v3"

	"twofold/core"
)

// directory is one domain or LDAP tree, whatever number of servers it has.
type directory struct {
	Config
	servers        []*server
	ldapAttributes []string
	kick           chan struct{} // orders a probe of the servers that are not up

	known    atomic.Pointer[facts]
	loading  sync.Mutex // one at a time asks for facts
	failed   error      // why that failed last, so that those who queued behind it need not ask too
	failedAt time.Time
	groups   *ttlCache[string, core.Group]
	psos     *ttlCache[string, lockoutPolicy]
}

func newDirectory(c Config) (*directory, error) {
	c = c.withDefaults()
	if err := c.validate(); err != nil {
		return nil, err
	}
	d := &directory{
		Config: c, ldapAttributes: c.ldapAttributesOf(), kick: make(chan struct{}, 1),
		groups: newTTLCache[string, core.Group](maxGroups, groupsFor, c.Now),
		psos:   newTTLCache[string, lockoutPolicy](maxPolicies, policiesFor, c.Now),
	}
	for _, raw := range c.URLs {
		t, err := c.parseURL(raw)
		if err != nil {
			return nil, err
		}
		d.servers = append(d.servers, newServer(c, t, d.kick))
	}
	return d, nil
}

// facts returns what is known of the directory, asking it where nothing is.
func (d *directory) facts(ctx context.Context) (*facts, error) {
	if f := d.known.Load(); f != nil {
		return f, nil
	}
	d.loading.Lock()
	defer d.loading.Unlock()
	if f := d.known.Load(); f != nil {
		return f, nil
	}
	if d.failed != nil && d.Now().Sub(d.failedAt) < factsPause {
		return nil, d.failed
	}
	f, err := d.refresh(context.WithoutCancel(ctx)) // others wait for it too
	d.failed, d.failedAt = err, d.Now()
	return f, err
}

// refresh asks anew. What was known stays known when the directory is silent.
func (d *directory) refresh(ctx context.Context) (*facts, error) {
	ctx, cancel := context.WithTimeout(ctx, d.ConnectTimeout+d.Timeout)
	defer cancel()
	f, err := d.loadFacts(ctx)
	if err != nil {
		return nil, d.cannot(err)
	}
	d.known.Store(f)
	return f, nil
}

// cannot wraps what kept the directory from answering.
func (d *directory) cannot(err error) error {
	if errors.Is(err, core.ErrUnavailable) {
		return err
	}
	return fmt.Errorf("directory %s: %w: %w", d.Name, core.ErrUnavailable, err)
}

// readOne runs a search for one entry.
func (d *directory) readOne(ctx context.Context, q ldap.SearchRequest) (*ldap.Entry, error) {
	found, err := d.readAll(ctx, q)
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		return nil, fmt.Errorf("%q: %w", q.BaseDN, errNoEntry)
	}
	return found[0], nil
}

// errNoEntry: the entry a search starts from is not there, or not readable.
var errNoEntry = errors.New("no such entry")

// readAll runs a search whose answer has to be whole.
func (d *directory) readAll(ctx context.Context, q ldap.SearchRequest) ([]*ldap.Entry, error) {
	found, result, err := d.search(ctx, q)
	switch {
	case err != nil:
		return nil, err
	case result.code == ldap.LDAPResultSuccess:
		return found, nil
	case result.code == ldap.LDAPResultNoSuchObject:
		return nil, fmt.Errorf("%q: %w", q.BaseDN, errNoEntry)
	}
	return nil, result
}

const (
	factsPause  = 500 * time.Millisecond
	maxGroups   = 8192
	groupsFor   = 5 * time.Minute
	maxPolicies = 256
	policiesFor = 5 * time.Minute
)
