package ldapbind

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// Verdict is how a check of doctor ended.
type Verdict uint8

// Verdicts. The zero value is the one that must not be taken for good.
const (
	Fail Verdict = iota
	Warn
	OK
)

// String is how doctor prints it.
func (v Verdict) String() string { return [...]string{"fail", "warn", "ok"}[v] }

// Finding is what one check of one server found.
type Finding struct {
	Directory, URL string
	Check          string // name, connect, tls, bind, search, identity, clock, lockout, settings, groups
	Verdict        Verdict
	Detail         string
	Remedy         string // empty where there is nothing to do
}

// Probe tries every server of every directory, as a login would use it, and
// says what it found: in the order of the configuration, each server's checks
// up to the first that stands in the way of the others.
func (ds *Directories) Probe(ctx context.Context) []Finding {
	var each sync.WaitGroup
	var reports []*report
	for _, d := range ds.all {
		for _, s := range d.servers {
			r := &report{directory: d, server: s}
			reports = append(reports, r)
			each.Go(func() { r.examine(ctx) })
		}
	}
	each.Wait()
	var all []Finding
	for _, r := range reports {
		all = append(all, r.findings...)
	}
	return all
}

// report collects the findings about one server, on a connection of its own.
type report struct {
	*directory
	server   *server
	conn     *conn
	findings []Finding
}

func (r *report) add(check string, v Verdict, detail, remedy string) {
	r.findings = append(r.findings, Finding{
		Directory: r.Name, URL: r.server.url, Check: check, Verdict: v, Detail: detail, Remedy: remedy,
	})
}

func (r *report) examine(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 2*(r.ConnectTimeout+r.Timeout))
	defer cancel()
	if !r.resolves(ctx) || !r.connects(ctx) {
		return
	}
	defer func() { r.conn.leave() }()
	defer context.AfterFunc(ctx, r.conn.cut)()
	r.certificate()
	if !r.binds(ctx) || !r.searches(ctx) {
		return
	}
	r.policies(ctx)
}

func (r *report) resolves(ctx context.Context) bool {
	found, err := net.DefaultResolver.LookupHost(ctx, r.server.host)
	if err != nil {
		r.add("name", Fail, err.Error(), "give the server's name in urls as the site's DNS knows it")
		return false
	}
	r.add("name", OK, r.server.host+" is "+strings.Join(found, ", "), "")
	return true
}

func (r *report) connects(ctx context.Context) bool {
	from := time.Now()
	c, err := r.server.dial(ctx)
	if err != nil {
		check, remedy := diagnose(err, r.server.address)
		r.add(check, Fail, err.Error(), remedy)
		return false
	}
	r.conn = c
	r.add("connect", OK, fmt.Sprintf("in %v", time.Since(from).Round(time.Millisecond)), "")
	return true
}

// certificate tells of one that will soon be refused, or of having none.
func (r *report) certificate() {
	secured, ok := r.conn.stream.Conn.(*tls.Conn)
	if !ok {
		r.add("tls", Warn, "passwords travel in clear", "use ldaps:// or starttls: true")
		return
	}
	state := secured.ConnectionState()
	end := state.PeerCertificates[0].NotAfter
	detail := fmt.Sprintf("%s, certificate good until %s", tls.VersionName(state.Version), end.Format(time.DateOnly))
	if end.Sub(r.Now()) < 30*24*time.Hour {
		r.add("tls", Warn, detail, "renew the server's certificate")
		return
	}
	r.add("tls", OK, detail, "")
}

func (r *report) binds(ctx context.Context) bool {
	result, _, err := r.conn.bind(ctx, r.BindUser, r.BindPassword)
	if err == nil && result.code != ldap.LDAPResultSuccess {
		err = result
	}
	if err != nil {
		r.add("bind", Fail, err.Error(), "check bind_user and bind_password, and that the account is neither locked nor expired")
		return false
	}
	r.add("bind", OK, "as "+r.BindUser, "")
	return true
}

// searches looks for a person, as a login would, and reads the server's clock.
func (r *report) searches(ctx context.Context) bool {
	any := question{directory: r.directory}
	any.forms[explicit] = form{r.loginAttribute(), "twofold-doctor-looks-for-nobody"}
	from := time.Now()
	_, result, err := r.conn.search(treeSearch(r.BaseDN, any.filter(any.forms[:]...), 1, nothing))
	if err == nil && result.code != ldap.LDAPResultSuccess {
		err = result
	}
	if err != nil {
		r.add("search", Fail, err.Error(), "check base_dn, and that the service account may read below it")
		return false
	}
	r.add("search", OK, fmt.Sprintf("in %v", time.Since(from).Round(10*time.Microsecond)), "")
	return true
}

// diagnose tells which step of connecting failed, and what helps.
func diagnose(err error, address string) (check, remedy string) {
	var unknown *tls.CertificateVerificationError
	switch text := err.Error(); {
	case strings.Contains(text, "negative serial number"):
		return "tls", "the server's certificate has a negative serial number, which RFC 5280 section 4.1.2.2 forbids " +
			"and Go refuses: issue the server another certificate (Samba: set tls certfile and tls keyfile)"
	case errors.As(err, &unknown):
		return "tls", "set ca_file to the authority that signed the server's certificate, and use in urls a name that stands in it"
	case strings.Contains(text, "agreeing on TLS"):
		return "tls", "check that " + address + " speaks TLS 1.2 or newer there; an ldap:// port needs starttls: true"
	case strings.Contains(text, "StartTLS"):
		return "tls", "the server needs a certificate before it can do StartTLS"
	}
	return "connect", "check that the server runs and that no firewall stands before " + address
}
