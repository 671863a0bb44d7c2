package conf

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// change is one edit of base and what Load then says of it.
type change struct {
	name     string
	old, new string // old "": new is appended
	want     []string
}

func (c change) text() string {
	if c.old == "" {
		return base + c.new
	}
	return strings.Replace(base, c.old, c.new, 1)
}

func TestFaults(t *testing.T) {
	for _, cases := range [][]change{keyFaults, shapeFaults, valueFaults, directoryFaults, clientFaults, ruleFaults, listenFaults} {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				if !strings.Contains(base, c.old) {
					t.Fatalf("base has no %q", c.old)
				}
				_, _, got := loadIn(t, folder(t), c.text())
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("faults (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestAllFaultsAreToldAtOnceSortedByLine(t *testing.T) {
	dir := folder(t)
	write(t, dir, "twofold.yaml", `unenrolled: forward
log: {levle: info, format: txt}
directories:
  - name: corp
    urls: [ldap://dc1]
    timeout: 30
clients:
  - name: vpn
    mode: appendd
    networks: [10.1.0.5/24]
    secret: [wrong]
  - name: VPN
    networks: [10.1.0.0/24]
otp: {digits: 9, colour: red}
`, 0o600)
	path := filepath.Join(dir, "twofold.yaml")
	_, _, err := load(path, today)
	want := strings.ReplaceAll(`F:1: unenrolled: forward needs upstream servers, which cannot be configured yet (use refuse, enrol or allow)
F:2: log.levle: is not a known key (did you mean level?)
F:2: log.format: "txt" is not text or json (did you mean text?)
F:4: directories[0].base_dn: is missing (for example base_dn: DC=corp,DC=example,DC=com)
F:4: directories[0].bind_user: is missing (for example bind_user: svc-twofold@corp.example.com)
F:4: directories[0].bind_password_file: is missing (for example bind_password_file: secrets/ldap)
F:5: directories[0].urls[0]: ldap:// would send passwords in clear (use ldaps://, or add starttls: true; insecure: true is for a lab)
F:6: directories[0].timeout: "30" has no unit (such as 30s, 5m, 1h30m or 400d)
F:9: clients[0].mode: "appendd" is not append, challenge or both (did you mean append?)
F:10: clients[0].networks[0]: "10.1.0.5/24" has bits set beyond its length (did you mean 10.1.0.0/24?)
F:11: clients[0].secret: must be one value, not a list or mapping
F:12: clients[1].name: is taken by clients[0].name on line 8 already
F:12: clients[1].secret_file: is missing (for example secret_file: secrets/vpn)
F:14: otp.digits: "9" is not between 6 and 8
F:14: otp.colour: is not a known key (known here: issuer, digits, period, algorithm, window)`, "F:", path+":")
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}

func TestAFaultHasItsPlace(t *testing.T) {
	dir := folder(t)
	write(t, dir, "twofold.yaml", base+"otp: {digits: 9}\n", 0o600)
	path := filepath.Join(dir, "twofold.yaml")
	_, _, err := load(path, today)
	var got Faults
	if !errors.As(err, &got) {
		t.Fatal(err)
	}
	want := Faults{{path, 13, 7, "otp.digits", `"9" is not between 6 and 8`, ""}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

var keyFaults = []change{
	{"a misspelt key", "mode: both", "moed: both", []string{`11: clients[0].moed: is not a known key (did you mean mode?)`}},
	{"a key of no likeness", "", "log: {colour: red}\n", []string{`13: log.colour: is not a known key (known here: level, format)`}},
	{"a key that is not a word", "", "\"a b\\n\": 1\n", []string{`13: "a b\n": is not a known key (known here: state_dir, master_key_file, log, storage, directories, radius, clients, otp, challenge, required_for, unenrolled, unenrolled_until, enrol_show_key, enrolment, exclusions, throttle, events, http, admin_socket, ops)`}},
	{"a key given twice", "mode: both", "mode: both\n    mode: append", []string{`12: clients[0].mode: is given twice, first on line 11 (remove one)`}},
	{"a top-level key given twice", "", "otp: {}\nhttp: {}\notp: {}\n", []string{`15: otp: is given twice, first on line 13 (remove one)`}},
	{"a key given twice and wrong", "mode: both", "mode: no\n    mode: append", []string{
		`11: clients[0].mode: "no" is not append, challenge or both`,
		`12: clients[0].mode: is given twice, first on line 11 (remove one)`}},
	{"a list as key", "", "? [a]\n: b\n", []string{`13: ?: a key must be a plain word`}},
	{"a merge key", "", "http: {<<: {listen: \"\"}}\n", []string{`13: http."<<": is not a known key (merge keys are not supported)`}},
	{"no name", "name: vpn\n    ", "", []string{`8: clients[0].name: is missing (for example name: vpn)`}},
	{"an empty name", "name: vpn", `name: ""`, []string{`8: clients[0].name: is empty (for example name: vpn)`}},
	{"no networks", "[10.1.0.0/24]", "[]", []string{`9: clients[0].networks: is empty (for example networks: [10.1.0.0/24])`}},
	{"no directories", base[:strings.Index(base, "clients:")], "", []string{`1: directories: is missing`}},
}

var shapeFaults = []change{
	{"a value for a mapping", "", "otp: 6\n", []string{`13: otp: must be a mapping (write key: value lines below it)`}},
	{"a value for a list", "[10.1.0.0/24]", "10.1.0.0/24", []string{`9: clients[0].networks: must be a list (put it in [ ])`}},
	{"a list for a value", "mode: both", "mode: [both]", []string{`11: clients[0].mode: must be one value, not a list or mapping`}},
	{"an empty item", "[10.1.0.0/24]", `[10.1.0.0/24, ""]`, []string{`9: clients[0].networks[1]: is empty (remove the item)`}},
	{"an item without value", "[10.1.0.0/24]", `[10.1.0.0/24, ~]`, []string{`9: clients[0].networks[1]: is empty (remove the item)`}},
	{"an item twice", "[10.1.0.0/24]", `[10.1.0.0/24, 10.1.0.0/24]`, []string{`9: clients[0].networks[1]: stands in the list twice (remove one)`}},
	{"a bare yes as text", "name: vpn", "name: true", []string{`8: clients[0].name: must not be a bare true or false (put it in quotes)`}},
	{"a YAML tag", "name: vpn", "name: !!str vpn", []string{`8: clients[0].name: carries a YAML tag (remove the word that starts with !, or put the value in quotes)`}},
	{"not YAML", "mode: both", "mode: {", []string{`11: a mapping in { } does not go on or end properly (check commas, quotes and the closing })`}},
	{"a tab", "mode: both", "mode:\tboth\n\tx: y", []string{`12: a tab stands where spaces belong (indent with spaces)`}},
	{"an alias to nowhere", "mode: both", "mode: *both", []string{`11: a value that starts with * is an alias, and there is no such anchor (put it in quotes)`}},
	{"a second document", "", "---\notp: {}\n", []string{`13: a second document starts here (one file holds one configuration; remove the ---)`}},
	{"not UTF-8", "mode: both", "mode: \xff", []string{`11: is not UTF-8 text (save it as UTF-8)`}},
	{"UTF-16", "", "\x00\xd8", []string{`13: is not UTF-8 text (save it as UTF-8)`}},
}

var valueFaults = []change{
	{"a bool in words", "", "enrol_show_key: yes\n", []string{`13: enrol_show_key: "yes" is not true or false`}},
	{"a number in words", "", "otp: {digits: six}\n", []string{`13: otp.digits: "six" is not a whole number`}},
	{"half a number", "", "otp: {digits: 6.5}\n", []string{`13: otp.digits: "6.5" is not a whole number`}},
	{"a duration without unit", "", "otp: {period: 30}\n", []string{`13: otp.period: "30" has no unit (such as 30s, 5m, 1h30m or 400d)`}},
	{"a duration below nothing", "", "otp: {period: -30s}\n", []string{`13: otp.period: "-30s" is not a duration (such as 30s, 5m, 1h30m or 400d)`}},
	{"no duration", "", "otp: {period: soon}\n", []string{`13: otp.period: "soon" is not a duration (such as 30s, 5m, 1h30m or 400d)`}},
	{"a duration beyond 64 bits", "", "otp: {period: 99999d2562047h}\n", []string{`13: otp.period: "99999d2562047h" is not a duration (such as 30s, 5m, 1h30m or 400d)`}},
	{"a size in decimal units", "", "events: {max_size: 1GB}\n", []string{`13: events.max_size: "1GB" is not a size (such as 512MiB or 1GiB)`}},
	{"a size beyond 64 bits", "", "events: {max_size: 999999999999TiB}\n", []string{`13: events.max_size: "999999999999TiB" is not a size (such as 512MiB or 1GiB)`}},
	{"a day that is not", "", "unenrolled_until: 2027-02-30\n", []string{`13: unenrolled_until: "2027-02-30" is not a date (YYYY-MM-DD)`}},
	{"a date in another order", "", "unenrolled_until: 31.3.2027\n", []string{`13: unenrolled_until: "31.3.2027" is not a date (YYYY-MM-DD)`}},
	{"no network", "10.1.0.0/24", "gateway", []string{`9: clients[0].networks[0]: "gateway" is not a network (such as 10.1.0.0/24 or 2001:db8::/32)`}},
	{"a network with host bits", "10.1.0.0/24", "10.1.0.7/24", []string{`9: clients[0].networks[0]: "10.1.0.7/24" has bits set beyond its length (did you mean 10.1.0.0/24?)`}},
	{"IPv4 in IPv6 form", "10.1.0.0/24", "\"::ffff:10.1.0.0/120\"", []string{`9: clients[0].networks[0]: "::ffff:10.1.0.0/120" is an IPv4 network in IPv6 form (write it in IPv4 form)`}},
	{"a zone", "10.1.0.0/24", "\"fe80::1%eth0\"", []string{`9: clients[0].networks[0]: "fe80::1%eth0" is not a network (such as 10.1.0.0/24 or 2001:db8::/32)`}},
	{"a line break in a name", "bind_user: svc@corp.example.com", `bind_user: "a\nb"`, []string{`5: directories[0].bind_user: "a\nb" holds a control character or line break`}},
	{"a long value is cut", "mode: both", "mode: " + strings.Repeat("x", 100), []string{`11: clients[0].mode: "` + strings.Repeat("x", 60) + `…" is not append, challenge or both`}},
	{"a name with a blank", "name: vpn", "name: my vpn", []string{`8: clients[0].name: "my vpn" is not a name (letters, digits, dots, - and _, at most 63)`}},
}
