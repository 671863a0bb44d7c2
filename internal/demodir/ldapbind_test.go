package demodir_test

import (
	"errors"
	"testing"

	"twofold/core"
	"twofold/internal/demodir"
	"twofold/ldapbind"
)

// openSite is the sample as the demo's configuration would name it.
func openSite(t *testing.T) (*ldapbind.Directories, demodir.Site) {
	t.Helper()
	site := demodir.Sample()
	s, err := demodir.Start(demodir.Config{Suffix: site.Suffix, Entries: site.Entries})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	ds, err := ldapbind.Open(ldapbind.Config{Name: "demo", Kind: ldapbind.LDAP, URLs: []string{s.URL()}, Insecure: true,
		BaseDN: site.Suffix, BindUser: site.BindDN, BindPassword: site.BindPassword, NeedGroups: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ds.Close)
	return ds, site
}

func TestTheSampleServesAsADirectoryOfKindLDAP(t *testing.T) {
	ds, site := openSite(t)
	for login, groups := range map[string][]string{
		"alice":      {"staff", "vpn-users"}, // vpn-users by way of staff
		"carol":      {"vpn-users"},
		"svc-backup": {"service-accounts"},
	} {
		who, err := ds.Resolve(t.Context(), login)
		if err != nil {
			t.Fatal(err)
		}
		for _, group := range groups {
			if !who.InGroup(group) || len(who.Groups) != len(groups) {
				t.Errorf("%s is in %v, want %v", login, who.Groups, groups)
			}
		}
		if got := ds.Bind(t.Context(), who, site.Password(login)).Outcome; got != core.Right {
			t.Errorf("%s: the right password is %v", login, got)
		}
		if got := ds.Bind(t.Context(), who, "made-up").Outcome; got != core.Wrong {
			t.Errorf("%s: a wrong password is %v", login, got)
		}
	}
	if _, err := ds.Resolve(t.Context(), "mallory"); !errors.Is(err, core.ErrUnknownUser) {
		t.Errorf("a name nobody has: %v", err)
	}
}
