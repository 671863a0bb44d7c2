package lab

import (
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// Shape is how a directory arranges its people.
type Shape int

const (
	OpenLDAP Shape = iota // uid=… below ou=people, groupOfNames below ou=groups, entryUUID
	FreeIPA               // uid=… below cn=users,cn=accounts, with ipaUniqueID besides
)

// SlapdConfig says which directory to start. The zero value is an empty one of
// OpenLDAP's shape.
type SlapdConfig struct {
	Suffix  string // empty: dc=example,dc=com
	Shape   Shape
	Bulk    int // users of BulkUser to load before it starts
	Threads int // 0: slapd's default
}

// Slapd is a running OpenLDAP server. It needs no root.
type Slapd struct {
	Host         string // the loopback address it listens on, at ports 10389 and 10636
	BaseDN       string
	CA           *CA
	CAFile       string
	BindUser     string // the DN of a service account that may read, not write
	BindPassword string
	RootDN       string
	RootPassword string

	program string
	shape   Shape
	dir     string
	run     *process
}

const (
	slapdPort    = "10389"
	slapdTLSPort = "10636"
)

// StartSlapd starts slapd and waits until it answers. It ends with the test,
// or when the test binary dies.
func StartSlapd(t testing.TB, c SlapdConfig) *Slapd {
	t.Helper()
	program := Need(t, "slapd", "slapd")
	if c.Suffix == "" {
		c.Suffix = "dc=example,dc=com"
	}
	ca := NewCA(t)
	s := &Slapd{
		Host: freeHost(t, slapdTLSPort), BaseDN: c.Suffix, CA: ca, CAFile: ca.File,
		BindUser: "cn=svc-twofold," + c.Suffix, BindPassword: "svc of the lab",
		RootDN: "cn=admin," + c.Suffix, RootPassword: "root of the lab",
		program: program, shape: c.Shape, dir: t.TempDir(),
	}
	s.install(t, c)
	s.load(t, c.Bulk)
	t.Cleanup(func() { s.close(t) })
	s.Start(t)
	return s
}

// URL is where to reach it over TLS; its certificate carries the address and
// the name ldap.example.com.
func (s *Slapd) URL() string { return "ldaps://" + s.Addr() }

// PlainURL is for StartTLS, and for nothing at all where a lab allows it.
func (s *Slapd) PlainURL() string { return "ldap://" + net.JoinHostPort(s.Host, slapdPort) }

// Addr is the host and port of its LDAPS service, for a proxy before it.
func (s *Slapd) Addr() string { return net.JoinHostPort(s.Host, slapdTLSPort) }

// TLS is a client's configuration that trusts it under any way it was reached.
func (s *Slapd) TLS() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: s.CA.Pool, ServerName: slapdName}
}

const slapdName = "ldap.example.com"

// PID is the process id of slapd itself, for measuring it; 0 when stopped.
func (s *Slapd) PID() int {
	if s.run == nil {
		return 0
	}
	return s.run.cmd.Process.Pid
}

// Start starts a stopped server again.
func (s *Slapd) Start(t testing.TB) {
	t.Helper()
	urls := s.PlainURL() + " " + s.URL()
	run, err := start(s.program, "-d", "0", "-f", s.conf(), "-h", urls)
	if err != nil {
		t.Fatalf("starting slapd: %v", err)
	}
	s.run = run
	if err := run.ready(time.Minute, s.answers); err != nil {
		t.Fatal(err)
	}
}

func (s *Slapd) answers() error {
	conn, err := ldap.DialURL(s.PlainURL())
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetTimeout(time.Second)
	return conn.Bind(s.BindUser, s.BindPassword)
}

// Stop ends the server: connections are closed, new ones refused.
func (s *Slapd) Stop(t testing.TB) { t.Helper(); s.run.end(t); s.run = nil }

// Pause freezes it: connections are accepted by the kernel and never answered.
func (s *Slapd) Pause(t testing.TB) { t.Helper(); s.signal(t, syscall.SIGSTOP) }

// Resume ends a Pause.
func (s *Slapd) Resume(t testing.TB) { t.Helper(); s.signal(t, syscall.SIGCONT) }

func (s *Slapd) signal(t testing.TB, sig syscall.Signal) {
	t.Helper()
	if err := s.run.signal(sig); err != nil {
		t.Fatalf("signalling slapd: %v", err)
	}
}

func (s *Slapd) close(t testing.TB) {
	t.Helper()
	if s.run == nil {
		return
	}
	if t.Failed() {
		t.Logf("slapd said:\n%s", s.run.out.String())
	}
	s.Stop(t)
}

func (s *Slapd) conf() string { return filepath.Join(s.dir, "slapd.conf") }

// install writes the configuration and an empty database.
func (s *Slapd) install(t testing.TB, c SlapdConfig) {
	t.Helper()
	pair := s.CA.Issue(t, CertConfig{Names: []string{slapdName, s.Host, "127.0.0.1"}})
	extra := ""
	if c.Threads > 0 {
		extra += fmt.Sprintf("threads %d\n", c.Threads)
	}
	if c.Shape == FreeIPA {
		extra += ipaSchema
	}
	if err := os.Mkdir(filepath.Join(s.dir, "db"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, s.conf(), fmt.Sprintf(slapdConf, s.dir, pair.CertFile, pair.KeyFile, s.CAFile,
		c.Suffix, s.RootDN, s.RootPassword, extra))
}

const slapdConf = `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
%[8]spidfile %[1]s/slapd.pid
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
sizelimit unlimited
TLSCertificateFile %[2]s
TLSCertificateKeyFile %[3]s
TLSCACertificateFile %[4]s
database mdb
suffix "%[5]s"
rootdn "%[6]s"
rootpw "%[7]s"
directory %[1]s/db
maxsize 1073741824
dbnosync
index objectClass,uid,mail,entryUUID,member eq
access to attrs=userPassword by anonymous auth by * none
access to * by users read by * none
overlay memberof
memberof-refint TRUE
`

// ipaSchema is the little of FreeIPA's schema that tells its users apart.
const ipaSchema = `attributetype ( 2.16.840.1.113730.3.8.3.1 NAME 'ipaUniqueID' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 2.16.840.1.113730.3.1.610 NAME 'nsAccountLock' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
objectclass ( 2.16.840.1.113730.3.8.4.1 NAME 'ipaObject' SUP top AUXILIARY MUST ipaUniqueID MAY nsAccountLock )
`

// slapadd loads LDIF while the server does not run.
func (s *Slapd) slapadd(t testing.TB, ldif string) {
	t.Helper()
	cmd := exec.Command(Need(t, "slapadd", "slapd"), "-q", "-f", s.conf())
	cmd.Stdin = strings.NewReader(ldif)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("loading a directory: %v\n%s", err, out)
	}
}
