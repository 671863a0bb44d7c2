package ldapbind

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-ldap/ldap/v3"

	"twofold/core"
)

// tooMany bounds the groups of one person. A list that was cut short would
// hide a group that matters, so that more is an error (I06).
const tooMany = 2048

// batch is how many groups are asked about in one filter.
const batch = 64

var errTooManyGroups = errors.New("more groups than can be judged")

func (h hit) memberships(ctx context.Context, f *facts, login string) ([]core.Group, error) {
	if h.Kind == AD {
		return h.tokenGroups(ctx, f)
	}
	return h.memberOf(ctx, f, login)
}

// tokenGroups are the SIDs of all groups, nested ones and the primary one
// among them (MS-ADTS section 3.1.1.4.5.19). They come with a base search only.
func (h hit) tokenGroups(ctx context.Context, f *facts) ([]core.Group, error) {
	e, err := h.readOne(ctx, baseSearch(h.entry.DN, "tokenGroups"))
	if err != nil {
		return nil, fmt.Errorf("reading the groups of %s: %w", h.entry.DN, err)
	}
	sids := e.GetEqualFoldAttributeValues("tokenGroups")
	if len(sids) == 0 {
		return nil, fmt.Errorf("reading the groups of %s: tokenGroups is not readable: make the service account a member of Windows Authorization Access Group", h.entry.DN)
	}
	if len(sids) > tooMany {
		return nil, fmt.Errorf("%s: %w", h.entry.DN, errTooManyGroups)
	}
	return h.named(ctx, f, sids)
}

// named finds the names of SIDs, those not remembered by searches. A SID from
// another domain has no name here.
func (d *directory) named(ctx context.Context, f *facts, sids []string) ([]core.Group, error) {
	groups := make([]core.Group, 0, len(sids))
	var missing []string
	for _, sid := range sids {
		if g, ok := d.groups.get(sid); !ok {
			missing = append(missing, sid)
		} else if g.DN != "" {
			groups = append(groups, g)
		}
	}
	for len(missing) > 0 {
		some := missing[:min(batch, len(missing))]
		missing = missing[len(some):]
		found, err := d.nameSome(ctx, f, some)
		if err != nil {
			return nil, fmt.Errorf("naming groups: %w", err)
		}
		groups = append(groups, found...)
	}
	return groups, nil
}

// nameSome calls a group by its sAMAccountName, which is unique in a domain. A
// cn is not, and may be given by whoever administers any organisational unit.
func (d *directory) nameSome(ctx context.Context, f *facts, sids []string) ([]core.Group, error) {
	either := make([]string, len(sids))
	for i, sid := range sids {
		either[i] = equal("objectSid", sid)
	}
	found, err := d.readAll(ctx, treeSearch(f.context, anyOf(either...), 0, "objectSid", "sAMAccountName"))
	if err != nil {
		return nil, err
	}
	named := make(map[string]core.Group, len(found))
	groups := make([]core.Group, 0, len(found))
	for _, e := range found {
		g := core.Group{Name: e.GetEqualFoldAttributeValue("sAMAccountName"), DN: e.DN}
		named[e.GetEqualFoldAttributeValue("objectSid")] = g
		groups = append(groups, g)
	}
	for _, sid := range sids {
		d.groups.put(sid, named[sid])
	}
	return groups, nil
}

// memberOf collects the groups of a plain LDAP entry: what memberOf says, the
// groups that list the entry, its POSIX groups, and the groups of those groups.
func (h hit) memberOf(ctx context.Context, f *facts, login string) ([]core.Group, error) {
	w := walk{directory: h.directory, context: f.context, seen: map[string]bool{}}
	for _, dn := range h.entry.GetEqualFoldAttributeValues("memberOf") {
		w.add(core.Group{Name: firstValue(dn), DN: dn})
	}
	filters := append(listing(h.entry.DN), allOf(posixGroup, equal("memberUid", login)))
	if gid := h.entry.GetEqualFoldAttributeValue("gidNumber"); gid != "" {
		filters = append(filters, allOf(posixGroup, equal("gidNumber", gid)))
	}
	if err := w.find(ctx, filters); err != nil {
		return nil, fmt.Errorf("reading the groups of %s: %w", h.entry.DN, err)
	}
	for from := 0; from < len(w.groups); {
		to := min(from+batch, len(w.groups))
		var filters []string
		for _, g := range w.groups[from:to] {
			filters = append(filters, listing(g.DN)...)
		}
		if err := w.find(ctx, filters); err != nil {
			return nil, fmt.Errorf("reading nested groups of %s: %w", h.entry.DN, err)
		}
		from = to
	}
	return w.groups, nil
}

// listing matches the groups that list a DN.
func listing(dn string) []string {
	return []string{equal("member", dn), equal("uniqueMember", dn)}
}

// walk collects groups, each once, so that a circle of groups ends.
type walk struct {
	*directory
	context string
	groups  []core.Group
	seen    map[string]bool
}

func (w *walk) find(ctx context.Context, filters []string) error {
	found, err := w.readAll(ctx, treeSearch(w.context, anyOf(filters...), 0, "cn"))
	for _, e := range found {
		w.add(core.Group{Name: or(e.GetEqualFoldAttributeValue("cn"), firstValue(e.DN)), DN: e.DN})
	}
	if err == nil && len(w.groups) > tooMany {
		return errTooManyGroups
	}
	return err
}

func (w *walk) add(g core.Group) {
	if key := foldDN(g.DN); !w.seen[key] {
		w.seen[key] = true
		w.groups = append(w.groups, g)
	}
}

// firstValue is what stands after the first = of a DN.
func firstValue(dn string) string {
	parsed, err := ldap.ParseDN(dn)
	if err != nil || len(parsed.RDNs) == 0 {
		return dn
	}
	return parsed.RDNs[0].Attributes[0].Value
}
