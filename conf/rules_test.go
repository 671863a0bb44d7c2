package conf

import "strings"

var directoryFaults = []change{
	{"LDAP in clear", "ldaps://", "ldap://", []string{`3: directories[0].urls[0]: ldap:// would send passwords in clear (use ldaps://, or add starttls: true; insecure: true is for a lab)`}},
	{"LDAP in clear in capitals", "ldaps://", "LDAP://", []string{`3: directories[0].urls[0]: ldap:// would send passwords in clear (use ldaps://, or add starttls: true; insecure: true is for a lab)`}},
	{"LDAP with StartTLS", "urls: [ldaps://dc1.corp.example.com]", "urls: [ldap://dc1]\n    starttls: true", nil},
	{"LDAP in a lab", "urls: [ldaps://dc1.corp.example.com]", "urls: [ldap://dc1]\n    insecure: true", nil},
	{"both ways at once", "urls: [ldaps://dc1.corp.example.com]", "urls: [ldap://dc1]\n    insecure: true\n    starttls: true", []string{`4: directories[0].insecure: excludes starttls: true (remove one)`}},
	{"another scheme", "ldaps://", "https://", []string{`3: directories[0].urls[0]: "https://dc1.corp.example.com" has another scheme than ldaps:// or ldap:// (such as ldaps://dc1.corp.example.com)`}},
	{"a host alone", "ldaps://", "", []string{`3: directories[0].urls[0]: "dc1.corp.example.com" is not a URL (scheme://host or scheme://host:port)`}},
	{"a path", "example.com]", "example.com/dc]", []string{`3: directories[0].urls[0]: "ldaps://dc1.corp.example.com/dc" has something after host and port (scheme://host or scheme://host:port)`}},
	{"port 0", "example.com]", "example.com:0]", []string{`3: directories[0].urls[0]: "ldaps://dc1.corp.example.com:0" has a port that is not between 1 and 65535`}},
	{"a password in a URL", "ldaps://", "ldaps://svc:hunter2@", []string{`3: directories[0].urls[0]: must not carry a user or password (scheme://host or scheme://host:port)`}},
	{"a domain that is too long", "name: corp", "name: corp\n    upn_suffixes: [" + strings.Repeat("a.", 127) + "]", []string{`3: directories[0].upn_suffixes[0]: "` + strings.Repeat("a.", 30) + `…" is longer than 253 octets`}},
	{"a filter with a line break", "name: corp", "name: corp\n    user_filter: \"(a=\\n)\"", []string{`3: directories[0].user_filter: "(a=\n)" holds a control character or line break`}},
	{"a filter that is one", "name: corp", "name: corp\n    user_filter: (&(department=IT)(!(cn=x)))", nil},
	{"no DN", "DC=corp,DC=example,DC=com", "corp.example.com", []string{`4: directories[0].base_dn: "corp.example.com" is not a DN (such as DC=corp,DC=example,DC=com)`}},
	{"a filter without end", "name: corp", "name: corp\n    user_filter: (a=b", []string{`3: directories[0].user_filter: "(a=b" is not an LDAP filter (such as (department=IT))`}},
	{"a suffix with @", "name: corp", "name: corp\n    upn_suffixes: [\"@corp.example.com\"]", []string{`3: directories[0].upn_suffixes[0]: "@corp.example.com" starts with @ (write it without the @)`}},
	{"a suffix with a blank", "name: corp", "name: corp\n    upn_suffixes: [corp example]", []string{`3: directories[0].upn_suffixes[0]: "corp example" is not a domain name (such as corp.example.com)`}},
	{"a NetBIOS name with dots", "name: corp", "name: corp\n    netbios_name: corp.example", []string{`3: directories[0].netbios_name: "corp.example" is not a NetBIOS domain name (such as CORP, at most 15 characters)`}},
	{"an attribute with a blank", "name: corp", "name: corp\n    id_attribute: a b", []string{`3: directories[0].id_attribute: "a b" is not an LDAP attribute name`}},
	{"an unknown login name", "name: corp", "name: corp\n    login_names: [sam, email]", []string{`3: directories[0].login_names[1]: "email" is not sam, upn or mail (did you mean mail?)`}},
	{"no login name", "name: corp", "name: corp\n    login_names: []", []string{`3: directories[0].login_names: is empty`}},
	{"no password", "    bind_password_file: secrets/ldap\n", "", []string{`2: directories[0].bind_password_file: is missing (for example bind_password_file: secrets/ldap)`}},
	{"a password and its file", "bind_password_file", "bind_password: x\n    bind_password_file", []string{`7: directories[0].bind_password_file: excludes bind_password (remove one)`}},
	{"no such file", "secrets/ldap", "secrets/none", []string{`6: directories[0].bind_password_file: there is no such file in "{dir}/secrets" (relative paths start at the configuration file's directory)`}},
	{"no such folder", "secrets/ldap", "none/ldap", []string{`6: directories[0].bind_password_file: names a directory that cannot be read (relative paths start at the configuration file's directory)`}},
	{"a folder for a file", "secrets/ldap", "secrets", []string{`6: directories[0].bind_password_file: is not a regular file`}},
	{"a CA file that is none", "name: corp", "name: corp\n    ca_file: secrets/vpn", []string{`3: directories[0].ca_file: the file holds no certificate that can be used (it must be PEM, with BEGIN CERTIFICATE lines)`}},
	{"a second directory, no default", "clients:", second + "clients:", []string{`1: directories: none of them is the default (add default: true to the one that names without a domain belong to)`}},
	{"two defaults", "clients:", "    default: true\n" + second + "    default: true\nclients:", []string{`13: directories[1].default: directories[0] is the default already (names without a domain belong to one)`}},
	{"one default of two", "clients:", second + "    default: true\nclients:", nil},
	{"one name twice", "clients:", "    default: true\n" + strings.Replace(second, "lab", "CORP", 1) + "clients:", []string{`8: directories[1].name: is taken by directories[0].name on line 2 already`}},
	{"one suffix in two directories", "clients:", "    upn_suffixes: [example.com]\n" + second + "    default: true\n    upn_suffixes: [EXAMPLE.com]\nclients:", []string{
		`14: directories[1].upn_suffixes[0]: is taken by directories[0] on line 2 already`}},
}

// second is another directory.
const second = `  - name: lab
    urls: [ldaps://lab]
    base_dn: DC=lab
    bind_user: svc@lab
    bind_password: inline
`

var clientFaults = []change{
	{"no secret", "    secret_file: secrets/vpn\n", "", []string{`8: clients[0].secret_file: is missing (for example secret_file: secrets/vpn)`}},
	{"two kinds of secret", "secret_file", "secrets: [" + strong + "]\n    secret_file", []string{`10: clients[0].secrets: excludes secret_file (remove one)`}},
	{"five secrets", "secret_file: secrets/vpn", "secrets: [a, b, c, d, e]", []string{`10: clients[0].secrets: has 5 items, at most 4 are allowed`}},
	{"a secret of two lines", "secret_file: secrets/vpn", `secret: "a\nb"`, []string{`10: clients[0].secret: holds a line break or NUL (write it in one line)`}},
	{"an unknown mode", "mode: both", "mode: appendd", []string{`11: clients[0].mode: "appendd" is not append, challenge or both (did you mean append?)`}},
	{"a digit as separator", "mode: both", "separator: \"1\"", []string{`11: clients[0].separator: "1" holds a digit, which could belong to a code (use a character that is no digit)`}},
	{"an attribute without address", "mode: both", "trust_address_from: Calling-Station-ID", []string{
		`11: clients[0].trust_address_from: "Calling-Station-ID" is not Calling-Station-Id, Framed-IP-Address, Framed-IPv6-Address or Tunnel-Client-Endpoint (did you mean Calling-Station-Id?)`}},
	{"a floor beyond the deadline", "mode: both", "reject_floor: 4s", []string{`11: clients[0].reject_floor: reject_floor 4s is not less than deadline 4s`}},
	{"a deadline below the floor", "deadline: 4s", "deadline: 900ms", []string{`12: clients[0].deadline: reject_floor 1s is not less than deadline 900ms`}},
	{"code only with an immediate check", "mode: both", "second_factor: only\n    password_check: immediate", []string{
		`12: clients[0].password_check: immediate has no password to check with second_factor: only (remove it)`}},
	{"a name twice", "clients:", "clients:\n  - {name: VPN, networks: [10.2.0.0/24], secret_file: secrets/vpn}", []string{`9: clients[1].name: is taken by clients[0].name on line 8 already`}},
	{"a network twice", "clients:", "clients:\n  - {name: wifi, networks: [10.1.0.0/24], secret_file: secrets/vpn}", []string{
		`10: clients[1].networks[0]: 10.1.0.0/24 belongs to clients[0].networks[0] on line 8 already`}},
	{"a network within another", "clients:", "clients:\n  - {name: wifi, networks: [10.1.0.0/16], secret_file: secrets/vpn}", nil},
	{"allow without an end for one client", "mode: both", "unenrolled: allow", []string{`11: clients[0].unenrolled: allow lets users in without a code and needs an end (add unenrolled_until: YYYY-MM-DD)`}},
	{"forward for one client", "mode: both", "unenrolled: forward", []string{`11: clients[0].unenrolled: forward needs upstream servers, which cannot be configured yet (use refuse, enrol or allow)`}},
}

var ruleFaults = []change{
	{"etcd", "", "storage: {engine: etcd}\n", []string{`13: storage.engine: etcd is not built in yet (use badger)`}},
	{"allow without an end", "", "unenrolled: allow\n", []string{`13: unenrolled: allow lets users in without a code and needs an end (add unenrolled_until: YYYY-MM-DD)`}},
	{"allow with an end", "", "unenrolled: allow\nunenrolled_until: 2027-03-31\n", nil},
	{"allow with a wrong end", "", "unenrolled: allow\nunenrolled_until: soon\n", []string{`14: unenrolled_until: "soon" is not a date (YYYY-MM-DD)`}},
	{"forward", "", "unenrolled: forward\n", []string{`13: unenrolled: forward needs upstream servers, which cannot be configured yet (use refuse, enrol or allow)`}},
	{"an exclusion without criterion", "", "exclusions:\n  - {until: 2027-03-31, reason: none}\n", []string{`14: exclusions[0]: has no criterion (name users, groups, clients or networks)`}},
	{"an exclusion with empty criteria", "", "exclusions:\n  - {users: [], groups: [], reason: none}\n", []string{`14: exclusions[0]: has no criterion (name users, groups, clients or networks)`}},
	{"an exclusion with a wrong criterion", "", "exclusions:\n  - {networks: [here], reason: none}\n", []string{`14: exclusions[0].networks[0]: "here" is not a network (such as 10.1.0.0/24 or 2001:db8::/32)`}},
	{"a burst beyond the month", "", "throttle: {burst: 20, per_30_days: 10}\n", []string{`13: throttle.burst: 20 is more than per_30_days, 10`}},
	{"a challenge that outlives its key", "", "challenge: {ttl: 6m}\n", []string{`13: challenge.ttl: "6m" is not between 15s and 5m`}},
	{"half seconds", "", "otp: {period: 30500ms}\n", []string{`13: otp.period: 30.5s is not a number of whole seconds`}},
	{"a colon in the issuer", "", "otp: {issuer: \"a:b\"}\n", []string{`13: otp.issuer: "a:b" holds a colon, at which authenticator apps split the label (leave it out)`}},
}

var listenFaults = []change{
	{"a host name", "", "ops: {listen: \"localhost:9812\"}\n", []string{`13: ops.listen: "localhost:9812" is not an IP address and port (such as 0.0.0.0:1812 or [::]:1812)`}},
	{"no port", "", "ops: {listen: 127.0.0.1}\n", []string{`13: ops.listen: "127.0.0.1" is not an IP address and port (such as 0.0.0.0:1812 or [::]:1812)`}},
	{"port 0 to the world", "", "ops: {listen: \"0.0.0.0:0\"}\n", []string{`13: ops.listen: "0.0.0.0:0" has port 0, which is for loopback addresses only (give a port from 1 to 65535)`}},
	{"one port for two", "", "ops: {listen: \"127.0.0.1:8443\"}\n", []string{`13: ops.listen: 127.0.0.1:8443 is taken by http.listen 0.0.0.0:8443 already (choose another port)`}},
	{"one port twice", "", "radius: {listen: [\"0.0.0.0:1812\", \"127.0.0.1:1812\"]}\n", []string{`13: radius.listen[1]: 127.0.0.1:1812 is taken by radius.listen[0] 0.0.0.0:1812 already`}},
	{"two families on one port", "", "radius: {listen: [\"0.0.0.0:1812\", \"[::]:1812\"]}\n", nil},
	{"the same listener twice", "", "radius: {listen: [\"0.0.0.0:1812\", \"0.0.0.0:1812\"]}\n", []string{`13: radius.listen[1]: stands in the list twice (remove one)`}},
	{"one loopback port for two", "", "http: {listen: \"127.0.0.1:9812\"}\n", []string{`1: ops.listen: 127.0.0.1:9812 is taken by http.listen 127.0.0.1:9812 already (choose another port)`}},
	{"a portal that is no URL", "", "http: {public_url: otp.example.com}\n", []string{`13: http.public_url: "otp.example.com" is not a URL (scheme://host or scheme://host:port)`}},
	{"a certificate without key", "", "http: {cert_file: c.pem}\n", []string{`13: http.cert_file: needs key_file too`}},
	{"a key without certificate", "", "http: {key_file: k.pem}\n", []string{`13: http.key_file: needs cert_file too`}},
	{"a pair that is none", "", "http: {cert_file: secrets/vpn, key_file: secrets/ldap}\n", []string{`13: http.cert_file: certificate and key cannot be used together (both must be PEM, and the key that of the first certificate)`}},
	{"a portal in clear", "", "http: {public_url: \"http://otp.example.com\"}\n", []string{`13: http.public_url: "http://otp.example.com" is not an https:// URL (such as https://otp.example.com)`}},
	{"every proxy trusted", "", "http: {trusted_proxies: [0.0.0.0/0]}\n", []string{`13: http.trusted_proxies[0]: would let everybody choose their own address (name the proxies)`}},
}
