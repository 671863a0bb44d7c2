package ldapbind

import (
	"context"
	"sync"

	"twofold/core"
)

// Current is a core.Directory whose Directories can be changed while it is in
// use: what is under way ends with those it began with.
type Current struct {
	mu  sync.Mutex
	now *generation
}

// generation counts the users of one Directories. The one in charge counts itself.
type generation struct {
	*Directories
	users int
}

// NewCurrent begins with ds.
func NewCurrent(ds *Directories) *Current {
	return &Current{now: &generation{ds, 1}}
}

// Swap puts ds in charge. Those before are closed after their last use.
func (c *Current) Swap(ds *Directories) {
	c.mu.Lock()
	old := c.now
	c.now = &generation{ds, 1}
	c.mu.Unlock()
	c.leave(old)
}

// Close ends the use of the Directories in charge. Nothing may be asked after it.
func (c *Current) Close() {
	c.mu.Lock()
	old := c.now
	c.mu.Unlock()
	c.leave(old)
}

func (c *Current) enter() *generation {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now.users++
	return c.now
}

func (c *Current) leave(g *generation) {
	c.mu.Lock()
	g.users--
	last := g.users == 0
	c.mu.Unlock()
	if last {
		g.Directories.Close()
	}
}

// Resolve leads a name to its one entry. See core.Directory.
func (c *Current) Resolve(ctx context.Context, name string) (core.Identity, error) {
	g := c.enter()
	defer c.leave(g)
	return g.Directories.Resolve(ctx, name)
}

// Bind checks a password. See core.Binder.
func (c *Current) Bind(ctx context.Context, who core.Identity, password string) core.Bound {
	g := c.enter()
	defer c.leave(g)
	return g.Directories.Bind(ctx, who, password)
}

// Stats are those of the Directories in charge.
func (c *Current) Stats() []ServerStats {
	g := c.enter()
	defer c.leave(g)
	return g.Directories.Stats()
}

// Ready is whether the Directories in charge are.
func (c *Current) Ready() bool {
	g := c.enter()
	defer c.leave(g)
	return g.Directories.Ready()
}

// Probe tries the Directories in charge.
func (c *Current) Probe(ctx context.Context) []Finding {
	g := c.enter()
	defer c.leave(g)
	return g.Directories.Probe(ctx)
}

var _ core.Directory = (*Current)(nil)
