package ldapbind

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"twofold/core"
)

// Directories are all directories of a configuration, seen as one. They
// implement core.Directory.
type Directories struct {
	all     []*directory
	bare    *directory // where names without a domain belong
	lookups *lookups

	stop   context.CancelFunc
	tended sync.WaitGroup
}

// Open prepares directories. It does not wait for any of them to answer: they
// may be down when Twofold starts, and are asked in the background.
func Open(configs ...Config) (*Directories, error) {
	ds := &Directories{}
	keep, limit := time.Duration(1<<62), time.Duration(0)
	for _, c := range configs {
		d, err := newDirectory(c)
		if err != nil {
			return nil, err
		}
		if err := ds.add(d); err != nil {
			return nil, err
		}
		keep, limit = min(keep, d.Cache), max(limit, 2*(d.ConnectTimeout+d.Timeout))
	}
	if len(ds.all) == 1 {
		ds.bare = ds.all[0]
	}
	if ds.bare == nil {
		return nil, errors.New("no directory is the default: set default: true on one")
	}
	ds.lookups = newLookups(keep, limit, ds.all[0].Now)
	ds.tend()
	return ds, nil
}

func (ds *Directories) add(d *directory) error {
	for _, other := range ds.all {
		if other.Name == d.Name {
			return fmt.Errorf("two directories are called %s", d.Name)
		}
	}
	if d.Default && ds.bare != nil {
		return fmt.Errorf("directories %s and %s are both the default", ds.bare.Name, d.Name)
	}
	if d.Default {
		ds.bare = d
	}
	ds.all = append(ds.all, d)
	return nil
}

// Resolve leads a name to its one entry. See core.Directory.
func (ds *Directories) Resolve(ctx context.Context, typed string) (core.Identity, error) {
	n, ok := parseName(typed)
	if !ok {
		return core.Identity{}, core.ErrUnknownUser
	}
	return ds.lookups.find(ctx, n.key(), func(ctx context.Context) (core.Identity, error) {
		return ds.resolve(ctx, n)
	})
}

// Bind checks a password. See core.Binder. An empty password and one with a
// NUL are wrong: servers take the first for a bind as nobody and say yes (RFC
// 4513 section 5.1.2), and cut the second short.
func (ds *Directories) Bind(ctx context.Context, who core.Identity, password string) core.Bound {
	if password == "" || strings.IndexByte(password, 0) >= 0 {
		return core.Bound{Outcome: core.Wrong}
	}
	d := ds.home(who)
	if d == nil || who.DN == "" || who.ID.IsZero() {
		return unsent(errHomeless)
	}
	bound := d.bind(ctx, who.DN, password)
	if bound.Outcome != core.Unsent && (bound.Outcome != core.Right || who.Lockout.Bad > 0) {
		ds.lookups.forget(who.ID) // what it says of wrong passwords is no longer so
	}
	return bound
}

// home finds the directory of a person by its own id; its name may have
// changed in the configuration since the person was looked up.
func (ds *Directories) home(who core.Identity) *directory {
	var found *directory
	for _, d := range ds.all {
		f := d.known.Load()
		if f == nil && d.Name != who.Directory || f != nil && f.id != [16]byte(who.ID[:16]) {
			continue
		}
		if found == nil || d.Name == who.Directory {
			found = d
		}
	}
	return found
}

// Close lets what is under way end, and then closes all connections.
func (ds *Directories) Close() {
	ds.stop()
	ds.lookups.close()
	ds.tended.Wait()
	for _, d := range ds.all {
		for _, s := range d.servers {
			s.close()
		}
	}
}

var _ core.Directory = (*Directories)(nil)
