package ldapbind

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"twofold/core"
)

// Kind is the sort of a directory.
type Kind string

// Kinds of directories.
const (
	AD   Kind = "ad"   // Active Directory and Samba
	LDAP Kind = "ldap" // OpenLDAP, FreeIPA and others
)

// Names by which people may log in, for Config.LoginNames.
const (
	Sam  = "sam"  // sAMAccountName, or the user attribute of kind LDAP
	UPN  = "upn"  // userPrincipalName, or user@suffix
	Mail = "mail" // mail; never outranks the others
)

// Config describes one directory.
type Config struct {
	Name     string
	Kind     Kind           // empty: AD
	URLs     []string       // in order of preference
	StartTLS bool           // ldap:// is upgraded before anything else is sent
	Insecure bool           // ldap:// may be used in clear
	CAs      *x509.CertPool // nil: the operating system's

	BaseDN       string
	BindUser     string
	BindPassword string

	UPNSuffixes []string // besides those the forest lists
	NetBIOS     string   // empty: what the directory says
	Default     bool     // bare names belong here; one directory alone is always the default
	LoginNames  []string // empty: Sam and UPN

	UserAttribute string // kind LDAP only; empty: uid
	IDAttribute   string // kind LDAP only; empty: entryUUID
	UserFilter    string // users must match it besides; empty: none
	NeedGroups    bool   // false: nobody asks for groups, so they are not read

	ConnectTimeout time.Duration // TLS included; 0: one second
	Timeout        time.Duration // of one search or bind; 0: two seconds
	Cache          time.Duration // how long a resolved name is remembered; 0: not at all

	MaxBinds    int // connections for binds to one server; 0: 32
	MaxSearches int // searches under way at one server; 0: 256
	MaxWaiting  int // callers waiting for their turn at one server; 0: 1024

	Now    func() time.Time                  // nil: time.Now
	OnBind func(time.Duration, core.Outcome) // told of every bind that was sent; nil: nobody
}

// withDefaults fills in what is empty.
func (c Config) withDefaults() Config {
	c.Kind = or(c.Kind, AD)
	c.UserAttribute = or(c.UserAttribute, "uid")
	c.IDAttribute = or(c.IDAttribute, "entryUUID")
	c.ConnectTimeout = or(c.ConnectTimeout, time.Second)
	c.Timeout = or(c.Timeout, 2*time.Second)
	c.MaxBinds = or(c.MaxBinds, 32)
	c.MaxSearches = or(c.MaxSearches, 256)
	c.MaxWaiting = or(c.MaxWaiting, 1024)
	if len(c.LoginNames) == 0 {
		c.LoginNames = []string{Sam, UPN}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.OnBind == nil {
		c.OnBind = func(time.Duration, core.Outcome) {}
	}
	return c
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

func (c Config) accepts(loginName string) bool { return slices.Contains(c.LoginNames, loginName) }

// validate refuses what could never work, and what would be insecure.
func (c Config) validate() error {
	switch {
	case c.Name == "":
		return errors.New("directory has no name")
	case c.Kind != AD && c.Kind != LDAP:
		return fmt.Errorf("directory %s: unknown kind %q", c.Name, c.Kind)
	case len(c.URLs) == 0:
		return fmt.Errorf("directory %s: no urls", c.Name)
	case c.BaseDN == "":
		return fmt.Errorf("directory %s: no base_dn", c.Name)
	case c.BindUser == "" || c.BindPassword == "":
		return fmt.Errorf("directory %s: the service account needs a name and a password", c.Name)
	}
	if _, err := ldap.ParseDN(c.BaseDN); err != nil {
		return fmt.Errorf("directory %s: base_dn: %w", c.Name, err)
	}
	return c.validateFilters()
}

// validateFilters tries out what goes into filters as it is.
func (c Config) validateFilters() error {
	for option, filter := range map[string]string{
		"user_attribute": equal(c.UserAttribute, "x"), "user_filter": or(c.UserFilter, anything),
	} {
		if _, err := ldap.CompileFilter(filter); err != nil {
			return fmt.Errorf("directory %s: %s: %w", c.Name, option, err)
		}
	}
	return nil
}

// target is one server's address, taken apart.
type target struct {
	url, host, address string
	tls, startTLS      bool
}

// parseURL takes ldaps:// always, and ldap:// where TLS is started on it or
// clear text was asked for by name.
func (c Config) parseURL(raw string) (target, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" {
		return target{}, fmt.Errorf("directory %s: %q is not an LDAP url (ldaps://host[:port])", c.Name, raw)
	}
	t := target{url: raw, host: u.Hostname()}
	port := "389"
	switch {
	case u.Scheme == "ldaps":
		t.tls, port = true, "636"
	case u.Scheme == "ldap" && c.StartTLS:
		t.startTLS = true
	case u.Scheme == "ldap" && c.Insecure:
	case u.Scheme == "ldap":
		return target{}, fmt.Errorf("directory %s: %s would send passwords in clear: use ldaps://, or starttls: true", c.Name, raw)
	default:
		return target{}, fmt.Errorf("directory %s: %s: the scheme is ldaps or ldap", c.Name, raw)
	}
	t.address = net.JoinHostPort(t.host, or(u.Port(), port))
	return t, nil
}
