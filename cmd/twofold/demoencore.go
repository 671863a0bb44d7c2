package main

import (
	"context"
	"os"
	"os/exec"
	"strings"
)

// encore says what to try now.
func (st *stage) encore(context.Context) error {
	key := st.keys["alice"]
	return st.sayf("%s", strings.NewReplacer(
		"<twofold>", program(), "<nas>", st.nas.Addr, "<secret>", st.secret, "<config>", st.config, "<log>", st.log,
		"<https>", st.server.addrs.https, "<ops>", st.server.addrs.ops,
		"<alice>", st.site.Password("alice"), "<key>", strings.ReplaceAll(base32Key(key), " ", ""),
	).Replace(encore))
}

// program is what to type for this program: its name where that leads to it,
// else its path.
func program() string {
	self, err := os.Executable()
	if err != nil {
		return "twofold"
	}
	if found, err := exec.LookPath("twofold"); err == nil && sameFile(found, self) {
		return "twofold"
	}
	return self
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

const encore = `
Everything is still up. In another terminal (apt install freeradius-utils oathtool):

  alice's code of now
    oathtool --totp -b <key>

  a login as a VPN gateway sends it; each code is good for one, so wait for the next after the tour
    echo "User-Name=alice, User-Password=<alice>$(oathtool --totp -b <key>), Message-Authenticator=0x00" |
      radclient -x <nas> auth <secret>

  the same without the code is answered by a challenge: send its State with the code as password

  the administrator's side
    export TWOFOLD_CONFIG=<config>
    <twofold> user list
    <twofold> user enrol carol
    <twofold> login alice            (password: <alice>)
    <twofold> explain svc-backup
    <twofold> events --follow
    <twofold> doctor

  the server's log          <log>
  HTTP API, metrics         https://<https>/api/v1/openapi.json   http://<ops>/metrics

Ctrl-C ends it and removes everything.
`
