//go:build bench

package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"twofold/internal/lab"
)

// startFreeRADIUS runs FreeRADIUS with rlm_ldap and rlm_totp. Without searching
// it binds as a DN made of the name.
func startFreeRADIUS(t *testing.T, directory *lab.Slapd, people []person, searching bool) *server {
	t.Helper()
	program := lab.Need(t, "freeradius", "freeradius")
	lab.NeedFile(t, "/usr/lib/freeradius/rlm_ldap.so", "freeradius-ldap")
	s := &server{name: "FreeRADIUS", version: versionOf(t, program, "-v")}
	port, dir := freePort(t), t.TempDir()
	s.addr = "127.0.0.1:" + port
	find := fmt.Sprintf(`update control { &LDAP-UserDN := "uid=%%{User-Name},ou=people,%s" }`, directory.BaseDN)
	if searching {
		s.name, find = "FreeRADIUS, searching", "ldap"
	}
	write(t, dir, "radiusd.conf", fmt.Sprintf(radiusdConf, dir, port, secret, directory.PlainURL(),
		directory.BindUser, directory.BindPassword, directory.BaseDN, find))
	write(t, dir, "users", usersFile(people))
	s.start(t, program, "-f", "-d", dir, "-n", "radiusd", "-D", "/usr/share/freeradius")
	return s
}

// usersFile gives everybody's secret to rlm_files.
func usersFile(people []person) string {
	var b strings.Builder
	for _, p := range people {
		fmt.Fprintf(&b, "%s\tTOTP-Secret := \"%s\"\n", p.name, p.secret)
	}
	return b.String()
}

const radiusdConf = `
name = radiusd
prefix = /usr
libdir = /usr/lib/freeradius
confdir = %[1]s
logdir = %[1]s
run_dir = %[1]s
max_requests = 65536
cleanup_delay = 5
max_request_time = 30
hostname_lookups = no
log {
	destination = files
	file = %[1]s/radius.log
	auth = no
}
security {
	reject_delay = 0
	status_server = yes
}
thread pool {
	start_servers = 5
	max_servers = 32
	min_spare_servers = 3
	max_spare_servers = 10
	max_requests_per_server = 0
	auto_limit_acct = no
}
client bench {
	ipaddr = 127.0.0.1
	secret = "%[3]s"
	require_message_authenticator = yes
}
modules {
	files {
		filename = %[1]s/users
	}
	totp {
	}
	ldap {
		server = '%[4]s'
		identity = '%[5]s'
		password = '%[6]s'
		base_dn = '%[7]s'
		user {
			base_dn = "${..base_dn}"
			filter = "(uid=%%{User-Name})"
		}
		options {
			chase_referrals = no
			res_timeout = 10
			srv_timelimit = 3
			net_timeout = 1
		}
		pool {
			start = 32
			min = 32
			max = 32
			spare = 0
			uses = 0
			lifetime = 0
			idle_timeout = 0
		}
	}
}
server bench {
	listen {
		type = auth
		ipaddr = 127.0.0.1
		port = %[2]s
	}
	authorize {
		if (&User-Password =~ /^(.*)([0-9]{6})$/) {
			update request {
				&TOTP-Password := "%%{2}"
				&User-Password := "%%{1}"
			}
		}
		files
		%[8]s
		update control {
			&Auth-Type := both
		}
	}
	authenticate {
		Auth-Type both {
			totp {
				ok = 1
			}
			ldap
		}
	}
}
`

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// versionOf is the first line a program says of itself.
func versionOf(t *testing.T, program, flag string) string {
	t.Helper()
	out, err := exec.Command(program, flag).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", program, flag, err, out)
	}
	line, _, _ := strings.Cut(string(out), "\n")
	return strings.TrimSpace(line)
}
