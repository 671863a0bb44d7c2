package main

import (
	"context"
	"strings"
)

// encore says what to try now.
func (st *stage) encore(context.Context) error {
	key := st.keys["alice"]
	return st.sayf("%s", strings.NewReplacer(
		"<nas>", st.nas.Addr, "<secret>", st.secret, "<config>", st.config, "<log>", st.log,
		"<https>", st.server.addrs.https, "<ops>", st.server.addrs.ops,
		"<alice>", st.site.Password("alice"), "<key>", strings.ReplaceAll(base32Key(key), " ", ""),
	).Replace(encore))
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
    twofold user list
    twofold user enrol carol
    twofold login alice            (password: <alice>)
    twofold explain svc-backup
    twofold events --follow
    twofold doctor

  the server's log          <log>
  HTTP API, metrics         https://<https>/api/v1/openapi.json   http://<ops>/metrics

Ctrl-C ends it and removes everything.
`
