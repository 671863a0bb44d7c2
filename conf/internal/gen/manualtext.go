package main

const manualHead = `.\" Made by go generate ./conf from the structs of package conf. Do not edit.
.TH TWOFOLD.YAML 5 "" Twofold "File formats"
.SH NAME
twofold.yaml \- configuration of Twofold
.SH SYNOPSIS
.I /etc/twofold/twofold.yaml
.SH DESCRIPTION
The configuration is one YAML document in UTF-8, of at most 1 MiB.
.B twofold
reads it from the path in
.BR \-\-config ,
else from the one in the environment variable
.BR TWOFOLD_CONFIG ,
else from
.IR /etc/twofold/twofold.yaml .
.PP
A key that is not known, or is given twice, is an error.
.B twofold check
tells all faults at once, each with its line, its key and a hint, and never the value of a secret.
Warnings do not keep the configuration from being used.
YAML tags and merge keys are not supported; aliases are.
.PP
A key without a value counts as not given, and then has its default.
Relative paths start at the directory of the configuration file.
.PP
On SIGHUP the file is read again, with the files it names.
Everything in it takes effect, or, if anything is wrong, nothing does and the running configuration stays.
.SS Forms of values
.TP
.I duration
A number with a unit, or several: 500ms, 30s, 5m, 1h30m, 400d; or a plain 0.
.TP
.I size
A whole number with a unit of B, KiB, MiB, GiB or TiB.
.TP
.I date
A day, YYYY\-MM\-DD, in the time zone of the server. What is valid until a day is valid on that day.
.TP
.I network
An IPv4 or IPv6 prefix such as 10.1.0.0/24 or 2001:db8::/32, or a single address.
.TP
.I address:port
An IP address, not a name, and a port; IPv6 addresses in brackets. Quote it.
.TP
.I secret
Text of at most 256 octets in one line. Every key with a secret has a twin that ends in
.B _file
and names a file that holds it; only one of the two may be given.
The line end at the end of the file does not count.
A secret file that every user of the machine can read brings a warning,
and so does a shared secret of less than 16 octets.
.TP
.I path
The path of a file.
.SH KEYS
`

const manualTail = `.SH FILES
.TP
.I /etc/twofold/twofold.yaml
The configuration.
.TP
.I /var/lib/twofold
The state directory.
.TP
.I /var/lib/twofold/master.key
The key that seals the records.
.TP
.I /var/lib/twofold/admin.sock
The admin socket.
.SH EXAMPLES
The least that lets a gateway log in users of a domain:
.PP
.EX
directories:
  \- name: corp
    urls: [ldaps://dc1.corp.example.com]
    base_dn: DC=corp,DC=example,DC=com
    bind_user: svc\-twofold@corp.example.com
    bind_password_file: secrets/ldap
clients:
  \- name: vpn
    networks: [10.1.0.0/24]
    secret_file: secrets/vpn
.EE
.PP
A roll-out that lets those in who have not enrolled yet, up to a day:
.PP
.EX
unenrolled: allow
unenrolled_until: 2027\-03\-31
.EE
.PP
Service accounts that cannot type a code, on one network and for a time:
.PP
.EX
exclusions:
  \- groups: [Service Accounts]
    networks: [10.9.0.0/24]
    until: 2027\-03\-31
    reason: until the scanner is replaced
.EE
.SH SEE ALSO
.BR twofold (8)
`
