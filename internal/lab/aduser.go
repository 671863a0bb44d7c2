package lab

import (
	"strconv"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// User is an account to add.
type User struct {
	Name     string              // sAMAccountName and the entry's name
	Password string              // empty: disabled, without one
	UPN      string              // empty: Name@realm
	Mail     string              // empty: none
	OU       string              // an organisational unit added before; empty: CN=Users
	Extra    map[string][]string // further attributes
}

// AddUser adds an enabled account and returns its DN.
func (ad *AD) AddUser(t testing.TB, u User) (dn string) {
	t.Helper()
	if u.UPN == "" {
		u.UPN = u.Name + "@" + ad.Realm
	}
	attrs := map[string][]string{
		"objectClass": {"user"}, "sAMAccountName": {u.Name}, "userPrincipalName": {u.UPN},
		"userAccountControl": {"514"},
	}
	if u.Mail != "" {
		attrs["mail"] = []string{u.Mail}
	}
	if u.Password != "" {
		attrs["unicodePwd"] = []string{unicodePwd(u.Password)}
		attrs["userAccountControl"] = []string{"512"}
	}
	for name, values := range u.Extra {
		attrs[name] = values
	}
	return ad.add(t, "CN="+ldap.EscapeDN(u.Name)+","+ad.container(u.OU), attrs)
}

func (ad *AD) container(ou string) string {
	if ou == "" {
		return "CN=Users," + ad.BaseDN
	}
	return "OU=" + ldap.EscapeDN(ou) + "," + ad.BaseDN
}

// AddOU adds an organisational unit under the domain.
func (ad *AD) AddOU(t testing.TB, name string) (dn string) {
	t.Helper()
	return ad.add(t, ad.container(name), map[string][]string{"objectClass": {"organizationalUnit"}})
}

// DN finds an account or group by its sAMAccountName.
func (ad *AD) DN(t testing.TB, name string) string { t.Helper(); return ad.entry(t, name).DN }

// Attr returns the first value of an attribute, raw; empty when it has none.
func (ad *AD) Attr(t testing.TB, name, attr string) string {
	t.Helper()
	return ad.entry(t, name, attr).GetAttributeValue(attr)
}

// BadPwdCount is what the domain controller counts against an account. It
// fails where no lockout threshold holds, since Samba then counts nothing and
// a test that saw 0 would prove nothing.
func (ad *AD) BadPwdCount(t testing.TB, name string) int {
	t.Helper()
	if ad.threshold == 0 && ad.Attr(t, name, "msDS-ResultantPSO") == "" {
		t.Fatal("badPwdCount is not counted while the threshold is 0: call LockoutThreshold first")
	}
	n, err := strconv.Atoi("0" + ad.Attr(t, name, "badPwdCount"))
	if err != nil {
		t.Fatalf("reading badPwdCount of %s: %v", name, err)
	}
	return n
}

// LockedOut tells whether lockoutTime stands on the account.
func (ad *AD) LockedOut(t testing.TB, name string) bool {
	t.Helper()
	at := ad.Attr(t, name, "lockoutTime")
	return at != "" && at != "0"
}

func (ad *AD) entry(t testing.TB, name string, attrs ...string) *ldap.Entry {
	t.Helper()
	found, err := ad.Admin(t).Search(ldap.NewSearchRequest(ad.BaseDN, ldap.ScopeWholeSubtree,
		ldap.NeverDerefAliases, 0, 0, false, "(sAMAccountName="+ldap.EscapeFilter(name)+")", attrs, nil))
	if err != nil {
		t.Fatalf("searching for %s: %v", name, err)
	}
	if len(found.Entries) != 1 {
		t.Fatalf("%s: %d entries, want 1", name, len(found.Entries))
	}
	return found.Entries[0]
}

// Set replaces an attribute of an account or group.
func (ad *AD) Set(t testing.TB, name, attr, value string) {
	t.Helper()
	ad.replace(t, ad.DN(t, name), map[string]string{attr: value})
}

// SetPassword sets a new password, as an administrator does. The previous one
// binds for another hour: set two, to be rid of it.
func (ad *AD) SetPassword(t testing.TB, name, password string) {
	t.Helper()
	ad.Set(t, name, "unicodePwd", unicodePwd(password))
}

// Disable disables an account.
func (ad *AD) Disable(t testing.TB, name string) {
	t.Helper()
	ad.Set(t, name, "userAccountControl", "514")
}

// Enable enables it again.
func (ad *AD) Enable(t testing.TB, name string) {
	t.Helper()
	ad.Set(t, name, "userAccountControl", "512")
}

// Expire makes the account (not its password) have expired an hour ago.
func (ad *AD) Expire(t testing.TB, name string) {
	t.Helper()
	ad.Set(t, name, "accountExpires", filetime(time.Now().Add(-time.Hour)))
}

// MustChange demands a new password at the next login.
func (ad *AD) MustChange(t testing.TB, name string) { t.Helper(); ad.Set(t, name, "pwdLastSet", "0") }

// Unlock ends a lockout and clears the count, as an administrator does.
func (ad *AD) Unlock(t testing.TB, name string) { t.Helper(); ad.Set(t, name, "lockoutTime", "0") }

// Rename changes the sAMAccountName, the UPN's local part and the entry's
// name, as a marriage does; objectGUID and objectSid stay.
func (ad *AD) Rename(t testing.TB, name, to string) {
	t.Helper()
	dn := ad.DN(t, name)
	ad.replace(t, dn, map[string]string{"sAMAccountName": to, "userPrincipalName": to + "@" + ad.Realm})
	if err := ad.Admin(t).ModifyDN(ldap.NewModifyDNRequest(dn, "CN="+ldap.EscapeDN(to), true, "")); err != nil {
		t.Fatalf("renaming %s: %v", dn, err)
	}
}

// Delete deletes an account or group.
func (ad *AD) Delete(t testing.TB, name string) {
	t.Helper()
	dn := ad.DN(t, name)
	if err := ad.Admin(t).Del(ldap.NewDelRequest(dn, nil)); err != nil {
		t.Fatalf("deleting %s: %v", dn, err)
	}
}
