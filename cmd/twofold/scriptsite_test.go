package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	codec "layeh.com/radius"

	"twofold/core/otp"
	"twofold/internal/demodir"
	"twofold/radius/exchange"
)

const siteSecret = "kU3xq8Zr1mWv5Ty7Bn2c"

// siteCmd serves the sample people; an argument is how many more there are.
func siteCmd(ts *testscript.TestScript, neg bool, args []string) {
	site := demodir.Sample()
	if len(args) == 1 {
		n, err := strconv.Atoi(args[0])
		ts.Check(err)
		site.Entries = append(site.Entries, crowd(n, site.Suffix)...)
	}
	d, err := demodir.Start(demodir.Config{Suffix: site.Suffix, Entries: site.Entries})
	ts.Check(err)
	ts.Defer(func() { ts.Check(d.Close()) })
	ports, err := freePorts(2)
	ts.Check(err)
	text := strings.NewReplacer("<url>", d.URL(), "<base>", site.Suffix, "<binddn>", site.BindDN,
		"<bindpw>", site.BindPassword, "<secret>", siteSecret, "<https>", ports[0], "<ops>", ports[1]).Replace(demoConfig)
	ts.Check(os.WriteFile(ts.MkAbs("twofold.yaml"), []byte(text), 0o600))
	ts.Setenv("LDAP", d.Addr())
	ts.Setenv("OPS", ports[1])
	ts.Setenv("HTTPS", ports[0])
	for _, who := range []string{"alice", "bob", "carol"} {
		ts.Setenv(strings.ToUpper(who), site.Password(who))
	}
	ts.Setenv("BACKUP", site.Password("svc-backup"))
}

// crowd is user0000, user0001 and so on.
func crowd(n int, suffix string) (all []demodir.Entry) {
	for i := range n {
		uid := fmt.Sprintf("user%05d", i)
		all = append(all, demodir.Entry{DN: "uid=" + uid + ",ou=people," + suffix, Attributes: []demodir.Attribute{
			{Name: "objectClass", Values: []string{"inetOrgPerson"}}, {Name: "uid", Values: []string{uid}},
		}})
	}
	return all
}

func tokensCmd(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	var b strings.Builder
	b.WriteString("user,secret,algorithm,digits,period,label\n")
	for i := range n {
		secret, err := otp.NewSecret(rand.Reader)
		ts.Check(err)
		fmt.Fprintf(&b, "user%05d,%s,SHA1,6,30,old\n", i, strings.ReplaceAll(otp.FormatKey(secret), " ", ""))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(b.String()), 0o600))
}

// codeCmd takes step 0 for now, 1 for the next code, which the window takes.
func codeCmd(ts *testscript.TestScript, neg bool, args []string) {
	var made struct{ URI string }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &made))
	key, err := otp.ParseURI(made.URI)
	ts.Check(err)
	step, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Setenv(args[2], key.Code(key.Secret, key.StepAt(time.Now())+uint64(step)))
}

func radiusCmd(ts *testscript.TestScript, neg bool, args []string) {
	want := map[string]codec.Code{"accept": codec.CodeAccessAccept, "reject": codec.CodeAccessReject, "challenge": codec.CodeAccessChallenge}[args[0]]
	nas := exchange.Client{Addr: ts.Getenv("RADIUS"), Secret: []byte(siteSecret)}
	r := exchange.Request{User: args[1], Password: args[2]}
	var err error
	if state, ok := strings.CutPrefix(args[len(args)-1], "state="); ok {
		r.State, err = hex.DecodeString(state)
		ts.Check(err)
	}
	if args[0] == "unsigned" {
		sendUnsigned(ts, nas, r)
		return
	}
	reply, err := nas.Do(contextOf(ts), r)
	ts.Check(err)
	if (reply.Code == want) == neg {
		ts.Fatalf("%s got %s", args[1], reply.Code)
	}
	ts.Setenv("STATE", hex.EncodeToString(reply.State))
}

// sendUnsigned leaves Message-Authenticator out, and must not be answered.
func sendUnsigned(ts *testscript.TestScript, nas exchange.Client, r exchange.Request) {
	r.Unsigned, nas.Tries, nas.Timeout = true, 1, 200*time.Millisecond
	if _, err := nas.Do(contextOf(ts), r); err == nil {
		ts.Fatalf("an unsigned packet was answered")
	}
}
