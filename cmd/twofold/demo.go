package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"

	"twofold/core/otp"
	"twofold/httpapi"
	"twofold/internal/demodir"
	"twofold/radius/exchange"
)

func demoCommand() *cli.Command {
	return bare(&cli.Command{
		Name:  "demo",
		Usage: "show the whole system on loopback, without root or a directory",
		Description: "Starts a small LDAP directory with made-up people and the server itself in a temporary folder,\n" +
			"and logs in by real RADIUS packets: enrolment, a code behind the password, a challenge, a replay\n" +
			"refused, an exclusion, a reset. Every step is checked. Then it stays up and says what to try;\n" +
			"the folder is removed at the end. It reads no configuration.\n\nExample: twofold demo --once",
		Flags: []cli.Flag{flag("once", "end after the tour")},
	}, func(c *cli.Context) error {
		// A terminal that is closed ends it too, and the folder is removed.
		ctx, stop := signal.NotifyContext(c.Context, syscall.SIGHUP)
		defer stop()
		return demo(ctx, c.App.Writer, c.Bool("once"))
	})
}

// shortTemp is where temporary folders are, unless the path of a socket in one
// would be longer than a socket's may be.
func shortTemp() string {
	if dir := os.TempDir(); len(dir) < 60 {
		return dir
	}
	return "/tmp"
}

// stage is a demonstration that is up.
type stage struct {
	out    io.Writer
	site   demodir.Site
	dir    string
	config string
	secret string
	log    string
	server *server
	admin  *httpapi.Client
	nas    exchange.Client
	keys   map[string]otp.Key // what people have on their phones
	seen   string             // of the audit log
	code   string             // the last one that was used
}

func demo(ctx context.Context, out io.Writer, once bool) (err error) {
	st := &stage{out: out, site: demodir.Sample(), secret: "only-4-the-Demo-xK7qWz"}
	if st.dir, err = os.MkdirTemp(shortTemp(), "twofold-demo-"); err != nil {
		return fmt.Errorf("making a folder for the demo: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(st.dir)) }()
	directory, err := demodir.Start(demodir.Config{Suffix: st.site.Suffix, Entries: st.site.Entries})
	if err != nil {
		return fmt.Errorf("starting the demo's directory: %w", err)
	}
	defer func() { err = errors.Join(err, directory.Close()) }()
	if err := st.writeConfig(directory.URL()); err != nil {
		return err
	}
	return st.play(ctx, once)
}

// play starts the server, as serve would, and gives the tour.
func (st *stage) play(ctx context.Context, once bool) (err error) {
	st.log = filepath.Join(st.dir, "server.log")
	log, err := os.Create(st.log)
	if err != nil {
		return fmt.Errorf("making the demo's log: %w", err)
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	if st.server, err = start(ctx, options{config: st.config, log: log}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.server.close()) }()
	st.admin = httpapi.Dial(st.server.addrs.socket)
	defer st.admin.Close()
	st.nas = exchange.Client{Addr: st.server.radius.ReadyAddrs()[0].String(), Secret: []byte(st.secret)}
	if err := st.tour(ctx); err != nil {
		return err
	}
	if once {
		return nil
	}
	if err := st.encore(ctx); err != nil {
		return err
	}
	return st.server.attend(ctx, nil)
}

// writeConfig writes what an administrator would. Ports are free ones, so that
// several demos get on; RADIUS takes its own, the others are chosen here.
func (st *stage) writeConfig(url string) error {
	ports, err := freePorts(2)
	if err != nil {
		return err
	}
	st.config = filepath.Join(st.dir, "twofold.yaml")
	text := strings.NewReplacer(
		"<url>", url, "<base>", st.site.Suffix, "<binddn>", st.site.BindDN, "<bindpw>", st.site.BindPassword,
		"<secret>", st.secret, "<https>", ports[0], "<ops>", ports[1],
	).Replace(demoConfig)
	if err := os.WriteFile(st.config, []byte(text), 0o600); err != nil {
		return fmt.Errorf("writing the demo's configuration: %w", err)
	}
	return nil
}

const demoConfig = `state_dir: state
directories:
  - name: example
    kind: ldap
    urls: ["<url>"]
    insecure: true                 # loopback only: the demo's directory has no TLS
    base_dn: "<base>"
    bind_user: "<binddn>"
    bind_password: "<bindpw>"
    upn_suffixes: [example.com]
radius: {listen: ["127.0.0.1:0"]}
clients:
  - name: vpn
    networks: [127.0.0.0/8]
    secret: "<secret>"
otp: {issuer: Twofold demo}
exclusions:
  - {groups: [service-accounts], reason: cannot type a code}
http: {listen: "<https>"}
ops: {listen: "<ops>"}
`

// freePorts finds loopback addresses that nobody listens on now.
func freePorts(n int) (addrs []string, err error) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("finding a free port: %w", err)
		}
		defer func() { err = errors.Join(err, l.Close()) }()
		addrs = append(addrs, l.Addr().String())
	}
	return addrs, nil
}
