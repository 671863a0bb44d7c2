package lab

import (
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// ADConfig says which domain to start. The zero value is corp.example.com.
type ADConfig struct {
	Realm          string // empty: CORP.EXAMPLE.COM
	NetBIOS        string // empty: the realm's first label
	NegativeSerial bool   // a certificate that Go refuses, for doctor's tests
}

// AD is a running Samba domain controller.
//
// Measured on Samba 4.17, and held by the tests of this package:
//   - Names that bind: the UPN, DOMAIN\name, name@realm even where the UPN is
//     another, name@DOMAIN, all of them in any case and with a trailing space;
//     the DN; <GUID=...>, which survives a rename. A bare name does not.
//   - The filter (sAMAccountName=alice ) with its trailing space finds alice.
//   - With a wrong password every state answers 52e, with the right one 533,
//     701, 532 or 773; locked (775) is told for both. Unknown users are 52e.
//   - badPwdCount is not counted at all while the threshold is 0. It stops at
//     the threshold, stays where it was when the window has passed, and
//     starts at 1 with the next wrong password. Its reader must look at
//     badPasswordTime too.
//   - tokenGroups is given in a base search on the entry alone; in any wider
//     search, asking for it makes the whole search fail (operationsError).
//     It holds nested groups, the primary one and the groups above it.
//   - WhoAmI is refused with protocolError (2), a search without a bind with
//     operationsError (1), a bind over plain ldap:// with
//     strongerAuthRequired (8); StartTLS works.
//   - After a password change the previous password still binds (for an hour,
//     by Samba's default).
//   - Subtree searches return a referral to the configuration partition.
type AD struct {
	Host         string // the loopback address it listens on, on 389, 636 and 3268
	Name         string // its DNS name, which resolves nowhere
	Realm        string // in lower case, the DNS domain
	NetBIOS      string
	BaseDN       string
	CA           *CA
	CAFile       string
	BindUser     string // an unprivileged service account, as a UPN
	BindPassword string
	AdminUser    string // a domain administrator, as a UPN
	AdminPass    string

	dir string
	run *process

	threshold int // lockoutThreshold, as last set

	mu    sync.Mutex
	admin *ldap.Conn
}

const sambaPackages = "samba samba-ad-dc samba-ad-provision winbind"

// StartAD starts a domain controller and waits until it answers. It ends with
// the test. The first on a machine takes eight seconds, later ones under one
// and a half. Its domain asks nothing of passwords and locks nobody until
// LockoutThreshold or AddPSO says so.
func StartAD(t testing.TB, c ADConfig) *AD {
	t.Helper()
	NeedRoot(t, "a Samba domain controller")
	Need(t, "samba", sambaPackages)
	Need(t, "samba-tool", sambaPackages)
	c = c.withDefaults()
	template, err := provision(c)
	if err != nil {
		t.Fatal(err)
	}
	ad := newAD(t, c)
	t.Cleanup(func() { ad.close(t) })
	ad.install(t, c, template)
	ad.Start(t)
	ad.prepare(t)
	return ad
}

func (c ADConfig) withDefaults() ADConfig {
	if c.Realm == "" {
		c.Realm = "CORP.EXAMPLE.COM"
	}
	c.Realm = strings.ToUpper(c.Realm)
	if c.NetBIOS == "" {
		c.NetBIOS, _, _ = strings.Cut(c.Realm, ".")
	}
	return c
}

func newAD(t testing.TB, c ADConfig) *AD {
	t.Helper()
	domain := strings.ToLower(c.Realm)
	dir, err := instanceDir(t)
	if err != nil {
		t.Fatal(err)
	}
	ca := NewCA(t)
	return &AD{
		Host: freeHost(t, "636"), Name: "dc1." + domain, Realm: domain, NetBIOS: c.NetBIOS,
		BaseDN: "DC=" + strings.ReplaceAll(domain, ".", ",DC="),
		CA:     ca, CAFile: ca.File,
		BindUser: "svc-twofold@" + domain, BindPassword: "svc " + rand.Text(),
		AdminUser: "Administrator@" + domain, AdminPass: adminPassword,
		dir: dir,
	}
}

// URL is where to reach it over TLS. Its certificate carries the address as
// well as Name.
func (ad *AD) URL() string { return "ldaps://" + net.JoinHostPort(ad.Host, "636") }

// PlainURL is for StartTLS.
func (ad *AD) PlainURL() string { return "ldap://" + net.JoinHostPort(ad.Host, "389") }

// Addr is the host and port of its LDAPS service, for a proxy before it.
func (ad *AD) Addr() string { return net.JoinHostPort(ad.Host, "636") }

// TLS is a client's configuration that trusts it under any way it was
// reached, a proxy's address included.
func (ad *AD) TLS() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: ad.CA.Pool, ServerName: ad.Name}
}

// install copies the template and writes the certificate and smb.conf.
func (ad *AD) install(t testing.TB, c ADConfig, template string) {
	t.Helper()
	out, err := exec.Command("cp", "-a", "--sparse=always", template+"/.", ad.dir).CombinedOutput()
	if err != nil {
		t.Fatalf("copying the provisioned domain: %v\n%s", err, out)
	}
	pair := ad.CA.Issue(t, CertConfig{
		Names:          []string{ad.Name, ad.Realm, ad.Host, "127.0.0.1"},
		NegativeSerial: c.NegativeSerial,
	})
	conf := fmt.Sprintf(smbConf, ad.Realm, c.NetBIOS, ad.Host, ad.dir, pair.CertFile, pair.KeyFile, ad.CAFile)
	if err := os.WriteFile(ad.conf(), []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (ad *AD) conf() string { return filepath.Join(ad.dir, "etc", "smb.conf") }

// smbConf is all that a domain controller needs for LDAP alone. The mask /8
// matters: with /32 Samba finds no interface. ldb:nosync saves an fsync for
// every change.
const smbConf = `[global]
	realm = %[1]s
	workgroup = %[2]s
	netbios name = DC1
	server role = active directory domain controller
	server services = ldap
	interfaces = %[3]s/8
	bind interfaces only = yes
	private dir = %[4]s/private
	lock directory = %[4]s
	state directory = %[4]s/state
	cache directory = %[4]s/cache
	pid directory = %[4]s
	ncalrpc dir = %[4]s/rpc
	binddns dir = %[4]s/bind-dns
	log file = %[4]s/log.samba
	tls certfile = %[5]s
	tls keyfile = %[6]s
	tls cafile = %[7]s
	ldb:nosync = true
	idmap_ldb:use rfc2307 = yes
`

// Start starts a stopped domain controller again.
func (ad *AD) Start(t testing.TB) {
	t.Helper()
	run, err := start(Need(t, "samba", sambaPackages), "-s", ad.conf(), "-F", "--no-process-group", "--debug-stdout")
	if err != nil {
		t.Fatalf("starting samba: %v", err)
	}
	ad.run = run
	if err := run.ready(time.Minute, ad.answers); err != nil {
		t.Fatal(err)
	}
}

// Stop ends the domain controller: connections are closed, new ones refused.
func (ad *AD) Stop(t testing.TB) {
	t.Helper()
	ad.run.end(t)
	ad.run = nil
}

// Pause freezes it: connections are accepted by the kernel and never answered.
func (ad *AD) Pause(t testing.TB) { t.Helper(); ad.signal(t, syscall.SIGSTOP) }

// Resume ends a Pause.
func (ad *AD) Resume(t testing.TB) { t.Helper(); ad.signal(t, syscall.SIGCONT) }

func (ad *AD) signal(t testing.TB, s syscall.Signal) {
	t.Helper()
	if err := ad.run.signal(s); err != nil {
		t.Fatalf("signalling samba: %v", err)
	}
}

// answers asks over the privileged socket, the last thing Samba opens: some
// milliseconds after the ports.
func (ad *AD) answers() error {
	conn, err := ad.dialAdmin()
	if err != nil {
		return err
	}
	_, err = conn.Search(ldap.NewSearchRequest("", ldap.ScopeBaseObject, ldap.NeverDerefAliases,
		0, 0, false, "(objectClass=*)", []string{"dnsHostName"}, nil))
	return errors.Join(err, conn.Close())
}

func (ad *AD) close(t testing.TB) {
	t.Helper()
	if ad.admin != nil {
		closeConn(t, ad.admin)
	}
	if ad.run != nil {
		if t.Failed() {
			t.Logf("samba said:\n%s", ad.run.out.String())
		}
		ad.run.end(t)
	}
}
