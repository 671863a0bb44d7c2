package main

import (
	"context"
	"strings"
)

// encore says what to try now.
func (st *stage) encore(context.Context) error {
	key := st.keys["alice"]
	return st.sayf("%s", strings.NewReplacer(
		"NAS", st.nas.Addr, "SECRET", st.secret, "CONFIG", st.config, "LOG", st.log,
		"HTTPS", st.server.addrs.https, "OPS", st.server.addrs.ops,
		"ALICE", st.site.Password("alice"), "KEY", strings.ReplaceAll(base32Key(key), " ", ""),
	).Replace(encore))
}

const encore = `
Everything is still up. In another terminal (apt install freeradius-utils oathtool):

  alice's code of now
    oathtool --totp -b KEY

  a login as a VPN gateway sends it; each code is good for one
    echo "User-Name=alice, User-Password=ALICE$(oathtool --totp -b KEY), Message-Authenticator=0x00" |
      radclient -x NAS auth SECRET

  the same without the code is answered by a challenge: send its State with the code as password

  the administrator's side
    export TWOFOLD_CONFIG=CONFIG
    twofold user list
    twofold user enrol carol
    twofold login alice            (password: ALICE)
    twofold explain svc-backup
    twofold events --follow
    twofold doctor

  the server's log          LOG
  HTTP API, metrics         https://HTTPS/api/v1/openapi.json   http://OPS/metrics

Ctrl-C ends it and removes everything.
`
