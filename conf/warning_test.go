package conf

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWarnings(t *testing.T) {
	for _, c := range warnings {
		t.Run(c.name, func(t *testing.T) {
			_, got, faults := loadIn(t, folder(t), c.text())
			if faults != nil {
				t.Fatalf("faults: %q", faults)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

var warnings = []change{
	{"no clients", base[strings.Index(base, "clients:"):], "", []string{`1: clients: there are none: nothing can log in over RADIUS`}},
	{"clients without any", base[strings.Index(base, "clients:"):], "clients: []\n", []string{`7: clients: there are none: nothing can log in over RADIUS`}},
	{"LDAP in clear", "urls: [ldaps://dc1.corp.example.com]", "urls: [ldap://dc1]\n    insecure: true", []string{`4: directories[0].insecure: passwords travel in clear (for a lab only; use ldaps://)`}},
	{"insecure for nothing", "name: corp", "name: corp\n    insecure: true", []string{`3: directories[0].insecure: has no effect without ldap:// URLs (certificates are checked all the same)`}},
	{"StartTLS for nothing", "name: corp", "name: corp\n    starttls: true", []string{`3: directories[0].starttls: has no effect without ldap:// URLs`}},
	{"the only directory is not the default", "name: corp", "name: corp\n    default: false", []string{`3: directories[0].default: has no effect: the only directory is the default`}},
	{"user_attribute of an AD", "name: corp", "name: corp\n    user_attribute: cn", []string{`3: directories[0].user_attribute: has no effect with kind: ad (it is for kind: ldap)`}},
	{"id_attribute of an AD", "name: corp", "name: corp\n    id_attribute: ipaUniqueID", []string{`3: directories[0].id_attribute: has no effect with kind: ad (it is for kind: ldap)`}},
	{"the NetBIOS name of an OpenLDAP", "name: corp", "name: corp\n    kind: ldap\n    netbios_name: CORP", []string{`4: directories[0].netbios_name: has no effect with kind: ldap (it is for kind: ad)`}},
	{"a network of all", "10.1.0.0/24", "0.0.0.0/0", []string{`9: clients[0].networks[0]: every address of the network can ask, and guess the secret (name the client's own network)`}},
	{"a short secret", "secret_file: secrets/vpn", "secret: testing123", []string{`10: clients[0].secret: a shared secret of less than 16 octets can be guessed (openssl rand -base64 24)`}},
	{"a short one of two", "secret_file: secrets/vpn", "secrets: [" + strong + ", testing123]", []string{`10: clients[0].secrets: a shared secret of less than 16 octets can be guessed (openssl rand -base64 24)`}},
	{"a secret of 16 octets", "secret_file: secrets/vpn", "secret: 0123456789abcdef", nil},
	{"a deadline below the directory's", "deadline: 4s", "deadline: 2999ms", []string{`12: clients[0].deadline: 2.999s is less than connect_timeout and timeout of directories[0], 3s (a slow server leaves no time for another)`}},
	{"a deadline beyond every client's patience", "deadline: 4s", "deadline: 31s", []string{`12: clients[0].deadline: few clients wait longer than 30s`}},
	{"code only by challenge", "mode: both", "mode: challenge\n    second_factor: only", []string{`11: clients[0].mode: has no effect with second_factor: only, where the first packet carries the code`}},
	{"a separator for nothing", "mode: both", "mode: challenge\n    separator: \",\"", []string{`12: clients[0].separator: has no effect with mode: challenge`}},
	{"no second factor", "mode: both", "second_factor: none", []string{`11: clients[0].second_factor: none lets everybody in with the password alone`}},
	{"no Message-Authenticator", "mode: both", "require_message_authenticator: false", []string{`11: clients[0].require_message_authenticator: without it answers can be forged by Blast-RADIUS, CVE-2024-3596 (update the client, then turn it on)`}},
	{"enrol with no way to the key", "", "unenrolled: enrol\n", []string{`13: unenrolled: enrol without enrol_show_key: true has no way yet to show users their key (enrol them by twofold user enrol)`}},
	{"enrol with the key shown", "", "unenrolled: enrol\nenrol_show_key: true\n", nil},
	{"enrol for one client", "mode: both", "unenrolled: enrol", []string{`11: clients[0].unenrolled: enrol without enrol_show_key: true has no way yet to show users their key (enrol them by twofold user enrol)`}},
	{"allow until yesterday", "", "unenrolled: allow\nunenrolled_until: 2026-11-21\n", []string{`14: unenrolled_until: 2026-11-21 is over: unenrolled users are refused`}},
	{"allow until today", "", "unenrolled: allow\nunenrolled_until: 2026-11-22\n", nil},
	{"an exclusion until yesterday", "", "exclusions:\n  - {users: [a], until: 2026-11-21, reason: r}\n", []string{`14: exclusions[0].until: 2026-11-21 is over: the entry excludes nobody (remove it)`}},
	{"an exclusion until today", "", "exclusions:\n  - {users: [a], until: 2026-11-22, reason: r}\n", nil},
	{"an exclusion without reason", "", "exclusions:\n  - users: [a]\n", []string{`14: exclusions[0]: has no reason (add reason: for those who read it next year)`}},
	{"an exclusion of everybody", "", "exclusions:\n  - {users: [a, \"*\"], reason: r}\n", []string{`14: exclusions[0].users[1]: "*" matches everybody`}},
	{"an exclusion of everybody who has a name", "", "exclusions:\n  - {users: [\"?*\", \"svc-*\", \"???\"], reason: r}\n", []string{`14: exclusions[0].users[0]: "?*" matches everybody`}},
	{"an exclusion for no client", "", "exclusions:\n  - {clients: [vpm], reason: r}\n", []string{`14: exclusions[0].clients[0]: there is no such client (did you mean vpn?)`}},
	{"everybody is named", "", "required_for: {users: [\"*\"]}\n", []string{`13: required_for.users[0]: "*" matches everybody`}},
	{"no network to enrol from", "", "enrolment: {networks: []}\n", []string{`13: enrolment.networks: is empty: every enrolment needs an invitation (proof: invitation says so plainly)`}},
	{"no RADIUS", "", "radius: {listen: []}\n", []string{`13: radius.listen: is empty: no client is answered`}},
	{"metrics for the world", "", "ops: {listen: \"0.0.0.0:9812\"}\n", []string{`13: ops.listen: metrics and health can be read by everybody who reaches it (use a loopback address or a firewall)`}},
	{"listeners that are off", "", "ops: {listen: \"\"}\nhttp: {listen: \"\"}\n", nil},
	{"any port of loopback", "", "ops: {listen: \"127.0.0.1:0\"}\nhttp: {listen: \"[::1]:0\"}\n", nil},
}

func TestWarningsAreSortedByLine(t *testing.T) {
	_, got, faults := loadIn(t, folder(t), "ops: {listen: \"0.0.0.0:9812\"}\nunenrolled: enrol\n"+base)
	if len(got) != 2 || faults != nil || !strings.HasPrefix(got[0], "1:") || !strings.HasPrefix(got[1], "2:") {
		t.Errorf("warnings %q, faults %q", got, faults)
	}
}
