package ldapbind

import (
	"context"
	"time"

	"github.com/go-ldap/ldap/v3"

	"twofold/core"
)

// fewest is how many entries a search for one name may bring: more than one
// already needs a closer look, more than these are not looked at.
const fewest = 8

// hit is an entry that a directory found for a name.
type hit struct {
	*directory
	entry *ldap.Entry
	id    core.AccountID
	asked time.Time
}

// resolve leads a name to its one entry. One search per directory is enough
// unless several entries bear the name in different forms; then the forms are
// asked one by one, so that the directory's own rules of matching rank them.
func (ds *Directories) resolve(ctx context.Context, n name) (core.Identity, error) {
	questions, err := ds.plan(ctx, n)
	if err != nil {
		return core.Identity{}, err
	}
	found, err := look(ctx, questions, everyForm)
	if err != nil {
		return core.Identity{}, err
	}
	if len(found) > 1 || len(found) == 1 && found[0].mustRank(questions) {
		if found, err = rank(ctx, questions); err != nil {
			return core.Identity{}, err
		}
	}
	switch len(found) {
	case 0:
		return core.Identity{}, core.ErrUnknownUser
	case 1:
		return found[0].identity(ctx)
	}
	return core.Identity{}, core.ErrAmbiguous
}

// mustRank: where the explicit form leads to a refusal, one has to know by
// which form the entry was found.
func (h hit) mustRank(questions []question) bool {
	for _, q := range questions {
		if q.directory == h.directory && q.refuse {
			return true
		}
	}
	return false
}

// rank returns what bears the name in the best form that anybody bears it in.
func rank(ctx context.Context, questions []question) ([]hit, error) {
	for r := range ranks {
		found, err := look(ctx, questions, func(q question) []form { return q.forms[r : r+1] })
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			continue
		}
		if r == explicit && refused(questions, found) {
			return nil, core.ErrUnknownUser
		}
		return found, nil
	}
	return nil, nil
}

func refused(questions []question, found []hit) bool {
	for _, h := range found {
		if h.mustRank(questions) {
			return true
		}
	}
	return false
}

func everyForm(q question) []form { return q.forms[:] }

// look asks every directory concerned. One that is silent might have known
// better than the others, so its silence is an error.
func look(ctx context.Context, questions []question, choose func(question) []form) (found []hit, err error) {
	for _, q := range questions {
		forms := choose(q)
		if !someForm(forms) {
			continue
		}
		hits, err := q.look(ctx, forms)
		if err != nil {
			return nil, err
		}
		for _, h := range hits {
			found = addHit(found, h)
		}
	}
	return found, nil
}

func someForm(forms []form) bool {
	for _, f := range forms {
		if f.attribute != "" {
			return true
		}
	}
	return false
}

// addHit takes an entry once, though two directories of the configuration may
// both have it.
func addHit(found []hit, h hit) []hit {
	for _, known := range found {
		if known.id == h.id {
			return found
		}
	}
	return append(found, h)
}

func (q question) look(ctx context.Context, forms []form) ([]hit, error) {
	f, err := q.facts(ctx)
	if err != nil {
		return nil, err
	}
	asked := q.Now()
	entries, result, err := q.search(ctx, treeSearch(q.BaseDN, q.filter(forms...), fewest, q.attributes()...))
	if err == nil && result.code == ldap.LDAPResultSizeLimitExceeded && len(entries) > 1 {
		result.code = ldap.LDAPResultSuccess // several are several
	}
	if err == nil && result.code != ldap.LDAPResultSuccess {
		err = result
	}
	if err != nil {
		return nil, q.cannot(err)
	}
	hits := make([]hit, 0, len(entries))
	for _, e := range entries {
		id, err := q.accountID(f, e)
		if err != nil {
			return nil, q.cannot(err)
		}
		hits = append(hits, hit{q.directory, e, id, asked})
	}
	return hits, nil
}
