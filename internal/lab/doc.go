// Package lab starts, for tests, the peers that Twofold meets in the field:
// a real Samba Active Directory, OpenLDAP's slapd, Debian's radclient and
// pam_radius_auth, and TCP proxies that break connections on request.
//
// Integration tests (build tag integration) of other packages import it; the
// product never does. A peer that is not installed fails the test with the
// name of the Debian package to install: nothing is skipped.
//
// # Isolation
//
// `go test ./...` runs the test binaries of several packages at once, and a
// domain controller's ports (389, 636, 3268) cannot be moved. Every AD
// therefore listens on a loopback address of its own, 127.x.y.z, which Linux
// answers without configuration, so that any number of them run side by side.
// slapd, the proxies and the tests' own servers take free ports on 127.0.0.1.
//
// Samba and PAM need root; slapd, radclient and the proxies do not.
//
// # Life and death
//
// What a test starts ends at its Cleanup, and by itself when the test binary
// dies before. Provisioning a domain takes five to eight seconds, so the result
// is kept as a template, twofold-lab-UID in /dev/shm or os.TempDir, readable by
// its owner only, and copied for each AD. It may be removed at any time that
// no test runs.
//
// # What it does not do
//
// No DNS, no Kerberos, no replication: an AD here is the LDAP service of one
// domain controller. Names such as dc1.corp.example.com are in its certificate
// but resolve nowhere; AD.URL carries the address, which the certificate
// carries too.
package lab
