package ldapbind

import (
	"context"
	"slices"
	"strings"

	"twofold/core"
)

// form is one way in which an entry may bear a name.
type form struct{ attribute, value string }

// The ranks of forms: an explicit name comes before one put together from
// login and suffix, an address last (I06).
const (
	explicit = iota
	implicit
	address
	ranks
)

// question is what one directory is asked about a name.
type question struct {
	*directory
	forms [ranks]form // an empty attribute: not asked
	// refuse is set where a name that is somebody's explicit one must not lead
	// to anybody, since its suffix is not listed.
	refuse bool
}

// plan decides which directories are asked for a name, and for what. It fails
// where a directory that might claim the name has not yet said which it claims.
func (ds *Directories) plan(ctx context.Context, n name) ([]question, error) {
	switch {
	case n.domain != "":
		return ds.planDomain(ctx, n)
	case n.suffix != "":
		return ds.planSuffix(ctx, n)
	}
	if !ds.bare.accepts(Sam) {
		return nil, core.ErrUnknownUser
	}
	return []question{ds.bare.askLogin(n.user)}, nil
}

// askLogin asks for the login name itself.
func (d *directory) askLogin(user string) (q question) {
	q.directory = d
	q.forms[explicit] = form{d.loginAttribute(), user}
	return q
}

func (d *directory) loginAttribute() string {
	if d.Kind == AD {
		return "sAMAccountName"
	}
	return d.UserAttribute
}

// planDomain asks the directories that are called so: several, where parts of
// one domain are configured apart. One that was never heard from may be called
// so too, unless the configuration gives the name to another.
func (ds *Directories) planDomain(ctx context.Context, n name) ([]question, error) {
	settled := slices.ContainsFunc(ds.all, func(d *directory) bool { return strings.EqualFold(d.NetBIOS, n.domain) })
	var questions []question
	for _, d := range ds.all {
		mine, err := d.isCalled(ctx, n.domain)
		if err != nil && !settled {
			return nil, err
		}
		if mine && d.accepts(Sam) {
			questions = append(questions, d.askLogin(n.user))
		}
	}
	if len(questions) == 0 {
		return nil, core.ErrUnknownUser
	}
	return questions, nil
}

// isCalled compares with the configured NetBIOS name, else with what the
// directory says: its NetBIOS name or its DNS name.
func (d *directory) isCalled(ctx context.Context, domain string) (bool, error) {
	if d.NetBIOS != "" && strings.EqualFold(d.NetBIOS, domain) {
		return true, nil
	}
	if d.Kind == LDAP {
		return false, nil
	}
	f, err := d.facts(ctx)
	if err != nil {
		return false, err
	}
	return strings.EqualFold(f.netbios, domain) || strings.EqualFold(f.dnsRoot, domain), nil
}

// planSuffix asks every directory that lists the suffix, and those that take
// addresses. A directory that was never heard from may list the suffix too:
// that holds nobody up when the configuration gives the suffix to another.
func (ds *Directories) planSuffix(ctx context.Context, n name) ([]question, error) {
	settled := slices.ContainsFunc(ds.all, func(d *directory) bool { return listed(d.UPNSuffixes, n.suffix) })
	var questions []question
	for _, d := range ds.all {
		lists, err := d.lists(ctx, n.suffix)
		if err != nil && (!settled || d.accepts(Mail)) {
			return nil, err
		}
		if q, some := d.askSuffixed(n, lists, d == ds.bare); some && err == nil {
			questions = append(questions, q)
		}
	}
	if len(questions) == 0 {
		return nil, core.ErrUnknownUser
	}
	return questions, nil
}

func listed(suffixes []string, suffix string) bool {
	return slices.ContainsFunc(suffixes, func(s string) bool { return strings.EqualFold(s, suffix) })
}

func (d *directory) lists(ctx context.Context, suffix string) (bool, error) {
	if listed(d.UPNSuffixes, suffix) {
		return true, nil
	}
	if d.Kind == LDAP {
		return false, nil
	}
	f, err := d.facts(ctx)
	if err != nil {
		return false, err
	}
	return listed(f.suffixes, suffix), nil
}

// askSuffixed asks for user@suffix. In a plain LDAP directory the login name
// itself may look like that.
func (d *directory) askSuffixed(n name, lists, isDefault bool) (q question, some bool) {
	q.directory = d
	whole := d.loginAttribute()
	if d.Kind == AD {
		whole = "userPrincipalName"
	}
	switch {
	case lists && d.accepts(UPN):
		q.forms[explicit] = form{whole, n.whole}
		q.forms[implicit] = form{d.loginAttribute(), n.user}
	case d.Kind == LDAP && isDefault && d.accepts(Sam):
		q.forms[explicit] = form{whole, n.whole}
	}
	if d.accepts(Mail) {
		q.refuse = q.forms[explicit].attribute == ""
		q.forms[explicit] = form{whole, n.whole}
		q.forms[address] = form{"mail", n.whole}
	}
	return q, q.forms != [ranks]form{}
}

// filter matches users that bear the name in any of the forms given.
func (q question) filter(forms ...form) string {
	either := make([]string, 0, ranks)
	for _, f := range forms {
		if f.attribute != "" {
			either = append(either, equal(f.attribute, f.value))
		}
	}
	parts := make([]string, 0, 3)
	if q.Kind == AD {
		parts = append(parts, normalUser)
	}
	parts = append(parts, anyOf(either...))
	if q.UserFilter != "" {
		parts = append(parts, q.UserFilter)
	}
	return allOf(parts...)
}
