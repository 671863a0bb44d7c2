package lab

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// BulkUser is the name and password of the i-th user that SlapdConfig.Bulk
// loads, from 0.
func BulkUser(i int) (name, password string) {
	return fmt.Sprintf("user%06d", i), fmt.Sprintf("password-%06d", i)
}

// people and groups are the containers of the shape.
func (s *Slapd) people() string {
	if s.shape == FreeIPA {
		return "cn=users,cn=accounts," + s.BaseDN
	}
	return "ou=people," + s.BaseDN
}

func (s *Slapd) groups() string {
	if s.shape == FreeIPA {
		return "cn=groups,cn=accounts," + s.BaseDN
	}
	return "ou=groups," + s.BaseDN
}

// load writes the tree, the service account and n users.
func (s *Slapd) load(t testing.TB, n int) {
	t.Helper()
	var b strings.Builder
	label, _, _ := strings.Cut(strings.TrimPrefix(s.BaseDN, "dc="), ",")
	fmt.Fprintf(&b, "dn: %s\nobjectClass: dcObject\nobjectClass: organization\ndc: %s\no: lab\n\n", s.BaseDN, label)
	fmt.Fprintf(&b, "dn: %s\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\nuserPassword: %s\n\n",
		s.BindUser, s.BindPassword)
	if s.shape == FreeIPA {
		container(&b, "cn=accounts,"+s.BaseDN)
	}
	container(&b, s.people())
	container(&b, s.groups())
	for i := range n {
		name, password := BulkUser(i)
		s.writeUser(&b, User{Name: name, Password: password})
	}
	s.slapadd(t, b.String())
}

func container(b *strings.Builder, dn string) {
	class := "organizationalUnit"
	if strings.HasPrefix(dn, "cn=") {
		class = "organizationalRole"
	}
	fmt.Fprintf(b, "dn: %s\nobjectClass: %s\n\n", dn, class)
}

// writeUser writes LDIF; names and passwords of bulk users need no encoding.
func (s *Slapd) writeUser(b *strings.Builder, u User) {
	fmt.Fprintf(b, "dn: %s\n", s.userDN(u))
	for name, values := range s.userAttrs(u) {
		for _, v := range values {
			fmt.Fprintf(b, "%s: %s\n", name, v)
		}
	}
	b.WriteByte('\n')
}

func (s *Slapd) userDN(u User) string {
	base := s.people()
	if u.OU != "" {
		base = "ou=" + ldap.EscapeDN(u.OU) + "," + s.BaseDN
	}
	return "uid=" + ldap.EscapeDN(u.Name) + "," + base
}

func (s *Slapd) userAttrs(u User) map[string][]string {
	attrs := map[string][]string{
		"objectClass": {"inetOrgPerson"}, "uid": {u.Name}, "cn": {u.Name}, "sn": {u.Name},
	}
	if u.Password != "" {
		attrs["userPassword"] = []string{u.Password}
	}
	if u.Mail != "" {
		attrs["mail"] = []string{u.Mail}
	}
	if s.shape == FreeIPA {
		attrs["objectClass"] = append(attrs["objectClass"], "ipaObject")
		attrs["ipaUniqueID"] = []string{uniqueID()}
	}
	for name, values := range u.Extra {
		attrs[name] = values
	}
	return attrs
}

func uniqueID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Admin returns a new connection bound as the root DN.
func (s *Slapd) Admin(t testing.TB) *ldap.Conn {
	t.Helper()
	conn, err := ldap.DialURL(s.URL(), ldap.DialWithTLSConfig(s.TLS()))
	if err != nil {
		t.Fatalf("connecting to slapd: %v", err)
	}
	t.Cleanup(func() { closeConn(t, conn) })
	conn.SetTimeout(30 * time.Second)
	if err := conn.Bind(s.RootDN, s.RootPassword); err != nil {
		t.Fatalf("binding to slapd: %v", err)
	}
	return conn
}

// AddOU adds an organisational unit under the suffix.
func (s *Slapd) AddOU(t testing.TB, name string) (dn string) {
	t.Helper()
	return s.add(t, "ou="+ldap.EscapeDN(name)+","+s.BaseDN, map[string][]string{"objectClass": {"organizationalUnit"}})
}

// AddUser adds an inetOrgPerson and returns its DN; a UPN is ignored.
func (s *Slapd) AddUser(t testing.TB, u User) (dn string) {
	t.Helper()
	return s.add(t, s.userDN(u), s.userAttrs(u))
}

// AddGroup adds a groupOfNames of members given as DNs, which may be groups.
// slapd's memberOf shows direct groups only, where FreeIPA's own server and
// AD's tokenGroups show nested ones too.
func (s *Slapd) AddGroup(t testing.TB, name string, members ...string) (dn string) {
	t.Helper()
	if len(members) == 0 {
		members = []string{s.BindUser} // the schema demands one
	}
	return s.add(t, "cn="+ldap.EscapeDN(name)+","+s.groups(),
		map[string][]string{"objectClass": {"groupOfNames"}, "member": members})
}

func (s *Slapd) add(t testing.TB, dn string, attrs map[string][]string) string {
	t.Helper()
	r := ldap.NewAddRequest(dn, nil)
	for name, values := range attrs {
		r.Attribute(name, values)
	}
	if err := s.Admin(t).Add(r); err != nil {
		t.Fatalf("adding %s: %v", dn, err)
	}
	return dn
}

// Set replaces an attribute of an entry; no values removes it.
func (s *Slapd) Set(t testing.TB, dn, attr string, values ...string) {
	t.Helper()
	m := ldap.NewModifyRequest(dn, nil)
	m.Replace(attr, values)
	if err := s.Admin(t).Modify(m); err != nil {
		t.Fatalf("changing %s: %v", dn, err)
	}
}

// Rename gives a user another uid and returns the new DN; entryUUID stays.
func (s *Slapd) Rename(t testing.TB, dn, to string) string {
	t.Helper()
	rdn := "uid=" + ldap.EscapeDN(to)
	if err := s.Admin(t).ModifyDN(ldap.NewModifyDNRequest(dn, rdn, true, "")); err != nil {
		t.Fatalf("renaming %s: %v", dn, err)
	}
	_, parent, _ := strings.Cut(dn, ",")
	return rdn + "," + parent
}

// Delete deletes an entry.
func (s *Slapd) Delete(t testing.TB, dn string) {
	t.Helper()
	if err := s.Admin(t).Del(ldap.NewDelRequest(dn, nil)); err != nil {
		t.Fatalf("deleting %s: %v", dn, err)
	}
}
