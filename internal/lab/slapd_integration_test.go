//go:build integration

package lab

import (
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

func TestSlapd(t *testing.T) {
	for _, tt := range []struct {
		name  string
		shape Shape
		id    string
	}{
		{"OpenLDAP's shape", OpenLDAP, "entryUUID"},
		{"FreeIPA's shape", FreeIPA, "ipaUniqueID"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := StartSlapd(t, SlapdConfig{Shape: tt.shape, Bulk: 10})
			dn := s.AddUser(t, User{Name: "alice", Password: "correct horse", Mail: "alice@example.com"})
			group := s.AddGroup(t, "vpn", dn)
			e := find1(t, s, "(uid=alice)", tt.id, "memberOf", "userPassword")
			if e.DN != dn || e.GetAttributeValue("memberOf") != group || len(e.GetAttributeValue(tt.id)) != 36 {
				t.Errorf("%s %v", e.DN, e.Attributes)
			}
			if e.GetAttributeValue("userPassword") != "" {
				t.Error("the service account reads passwords")
			}
			if renamed := s.Rename(t, dn, "alicia"); find1(t, s, "(uid=alicia)", tt.id).DN != renamed {
				t.Error("renamed elsewhere")
			}
		})
	}
}

func find1(t *testing.T, s *Slapd, filter string, attrs ...string) *ldap.Entry {
	t.Helper()
	conn, err := ldap.DialURL(s.URL(), ldap.DialWithTLSConfig(s.TLS()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeConn(t, conn) })
	if err := conn.Bind(s.BindUser, s.BindPassword); err != nil {
		t.Fatal(err)
	}
	r, err := conn.Search(ldap.NewSearchRequest(s.BaseDN, ldap.ScopeWholeSubtree, 0, 0, 0, false, filter, attrs, nil))
	if err != nil || len(r.Entries) != 1 {
		t.Fatalf("searching %s: %v, %v", filter, r, err)
	}
	return r.Entries[0]
}

func TestSlapdHoldsManyUsersAndRestarts(t *testing.T) {
	began := time.Now()
	s := StartSlapd(t, SlapdConfig{Bulk: 20000})
	t.Logf("20,000 users and ready after %v", time.Since(began))
	if s.PID() == 0 {
		t.Error("no process id")
	}
	s.Stop(t)
	if err := s.answers(); err == nil {
		t.Error("a stopped server answers")
	}
	s.Start(t)
	name, password := BulkUser(19999)
	if err := s.Admin(t).Bind("uid="+name+","+s.people(), password); err != nil {
		t.Error(err)
	}
	if err := s.Admin(t).Bind("uid="+name+","+s.people(), password+"x"); err == nil {
		t.Error("a wrong password binds")
	}
}
