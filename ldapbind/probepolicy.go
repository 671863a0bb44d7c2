package ldapbind

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// maxSkew is a difference of clocks at which codes begin to fail.
const maxSkew = 15 * time.Second

// policies reports what the directory says of itself, its clock and its
// lockout policy.
func (r *report) policies(ctx context.Context) {
	f, err := r.askingOnly(r.server).loadFacts(ctx)
	if err != nil {
		r.add("identity", Fail, err.Error(), "let the service account read the domain's head and its partitions; check base_dn")
		return
	}
	r.add("identity", OK, "known by the "+f.idFrom, "")
	r.clock(f)
	if r.Kind == LDAP {
		r.add("lockout", OK, "the directory tells of no lockout policy: throttle.password_failures applies", "")
		return
	}
	r.lockout(f)
	r.settings(ctx, f)
	if r.NeedGroups {
		r.memberships(ctx, f)
	}
}

// memberships tries to read the groups of whoever is found first.
func (r *report) memberships(ctx context.Context, f *facts) {
	d := r.askingOnly(r.server)
	d.groups = r.groups
	found, result, err := d.search(ctx, treeSearch(r.BaseDN, normalUser, 1, nothing))
	if err != nil || len(found) == 0 {
		r.add("groups", Warn, fmt.Sprintf("nobody found to try it with: %v", errors.Join(err, result)), "check base_dn")
		return
	}
	groups, err := hit{directory: d, entry: found[0]}.tokenGroups(ctx, f)
	if err != nil {
		r.add("groups", Fail, err.Error(), "make the service account a member of Windows Authorization Access Group")
		return
	}
	r.add("groups", OK, fmt.Sprintf("%s is in %d", found[0].DN, len(groups)), "")
}

// askingOnly is the same directory with one server, apart from what is cached.
func (d *directory) askingOnly(s *server) *directory {
	return &directory{Config: d.Config, servers: []*server{s}, kick: d.kick}
}

func (r *report) clock(f *facts) {
	if r.Kind == LDAP {
		return // plain servers do not tell the time
	}
	detail := fmt.Sprintf("the server's clock is %v ahead of this one", f.ahead.Round(time.Second))
	if f.ahead.Abs() > maxSkew {
		r.add("clock", Warn, detail, "set both by NTP: one-time codes depend on this clock")
		return
	}
	r.add("clock", OK, detail, "")
}

func (r *report) lockout(f *facts) {
	p := f.lockout
	detail := fmt.Sprintf("%d wrong passwords within %v lock an account", p.threshold, p.window)
	switch {
	case p.threshold == 0:
		r.add("lockout", OK, "accounts are never locked: throttle.password_failures applies", "")
	case p.threshold < 4:
		r.add("lockout", Warn, detail+": strangers get no password tried at all", "raise the threshold to 5 or more")
	default:
		r.add("lockout", OK, detail, "")
	}
}

// settings tells whether password settings objects can be read. In Active
// Directory only administrators may, unless somebody allowed it.
func (r *report) settings(ctx context.Context, f *facts) {
	container := "CN=Password Settings Container,CN=System," + f.context
	found, err := r.askingOnly(r.server).readAll(ctx, childSearch(container, present("msDS-LockoutThreshold"), 100, nothing))
	switch {
	case err != nil && !errors.Is(err, errNoEntry):
		r.add("settings", Warn, err.Error(), "")
	case len(found) > 0:
		r.add("settings", OK, fmt.Sprintf("%d password settings objects are readable", len(found)), "")
	default:
		r.add("settings", Warn,
			fmt.Sprintf("no password settings object is readable; whoever has one is taken to be locked after %d wrong passwords in %v",
				stricter(guessed, f.lockout).threshold, stricter(guessed, f.lockout).window),
			"if there are any, let the service account read "+container)
	}
}
