package lab

import (
	"encoding/binary"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// GrantPSORead lets the service account read password settings objects, which
// AD shows to administrators alone: without it msDS-ResultantPSO names the
// object, and reading that yields an entry without attributes, no error.
// This is the delegation an administrator would do on a real domain.
func (ad *AD) GrantPSORead(t testing.TB) {
	t.Helper()
	ad.tool(t, "dsacl", "set", "--action=allow",
		"--objectdn=CN=Password Settings Container,CN=System,"+ad.BaseDN,
		"--trusteedn="+ad.DN(t, "svc-twofold"),
		"--sddl=(A;CI;LCRPRC;;;"+ad.SID(t, "svc-twofold")+")")
}

// SID returns an account's or group's objectSid as text.
func (ad *AD) SID(t testing.TB, name string) string {
	t.Helper()
	b := []byte(ad.Attr(t, name, "objectSid"))
	var s strings.Builder
	fmt.Fprintf(&s, "S-%d-%d", b[0], b[7]) // [MS-DTYP] 2.4.2.2; authorities fit an octet
	for b = b[8:]; len(b) >= 4; b = b[4:] {
		fmt.Fprintf(&s, "-%d", binary.LittleEndian.Uint32(b))
	}
	return s.String()
}

// ExpirePassword lets the account's password be older than is allowed. Samba
// takes no maximum below a day for one, and no change of pwdLastSet but to 0
// and now, so a password settings object allows two days and the attribute is
// put back past the LDAP server, into the database.
func (ad *AD) ExpirePassword(t testing.TB, name string) {
	t.Helper()
	ad.AddPSO(t, PSO{Name: "expire " + name, Precedence: 1, MaxAge: 48 * time.Hour, AppliesTo: []string{name}})
	old := filetime(time.Now().Add(-96 * time.Hour))
	out, err := exec.Command("/usr/bin/python3", "-c", setPwdLastSet, ad.conf(), ad.database(), ad.DN(t, name), old).CombinedOutput()
	if err != nil {
		t.Fatalf("expiring the password of %s: %v\n%s", name, err, out)
	}
}

const setPwdLastSet = `
import sys, ldb, samba.dsdb
from samba.samdb import SamDB
from samba.param import LoadParm
from samba.auth import system_session
conf, database, dn, value = sys.argv[1:]
lp = LoadParm()
lp.load(conf)
db = SamDB(database, lp=lp, session_info=system_session())
m = ldb.Message(ldb.Dn(db, dn))
m['pwdLastSet'] = ldb.MessageElement(value, ldb.FLAG_MOD_REPLACE, 'pwdLastSet')
db.modify(m, ['local_oid:%s:0' % samba.dsdb.DSDB_CONTROL_BYPASS_PASSWORD_HASH_OID])
`

func (ad *AD) database() string { return filepath.Join(ad.dir, "private", "sam.ldb") }

// tool runs samba-tool on the database, which Samba shares.
func (ad *AD) tool(t testing.TB, args ...string) {
	t.Helper()
	args = append(args, "-s", ad.conf(), "-H", ad.database())
	out, err := exec.Command(Need(t, "samba-tool", sambaPackages), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("samba-tool %s: %v\n%s", args[0], err, out)
	}
}
