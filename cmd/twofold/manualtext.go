package main

const manualHead = `.\" Made by go generate ./cmd/twofold from the commands. Do not edit.
.TH TWOFOLD 8 "" Twofold "System administration"
.SH NAME
twofold \- %s
.SH SYNOPSIS
.B twofold
.I command
[\fIflags\fR]
[\fIarguments\fR]
.SH DESCRIPTION
%s.PP
Flags go before arguments; an argument that begins with \(lq\-\(rq is refused.
A flag that takes a value may be given as \-\-flag value or \-\-flag=value.
.PP
Commands other than
.BR serve ,
.BR check ,
.B doctor
and
.B demo
speak to the running server over its admin socket, which root and the server\(aqs own user may use.
Whatever they do is written to the audit log.
.PP
Every command takes these flags, but
.B demo
takes no configuration:
.TP
\fB\-\-config\fR, \fB\-c\fR \fIFILE\fR
Read the configuration from FILE.
Without it the environment variable TWOFOLD_CONFIG names it, else it is /etc/twofold/twofold.yaml.
.TP
\fB\-\-help\fR, \fB\-h\fR
Describe the command.
.PP
.B twofold \-\-version
prints version and commit.
`

const manualTail = `.SH EXIT STATUS
.TP
.B 0
Done; of
.BR login :
accepted.
.TP
.B 1
Refused or failed; of
.BR doctor :
there is a fault; of
.BR token\ import :
a line was refused.
.TP
.B 2
Wrong usage: a flag that does not exist, an argument missing or too many.
.SH SIGNALS
.TP
.B SIGHUP
.B serve
reads the configuration again, all of it or nothing.
.TP
.BR SIGTERM ,\  SIGINT
.B serve
answers what is under way, for at most ten seconds, and ends.
.SH ENVIRONMENT
.TP
.B TWOFOLD_CONFIG
The configuration, where \-\-config is not given.
.TP
.BR NOTIFY_SOCKET ,\  WATCHDOG_USEC
Set by systemd; see
.BR sd_notify (3).
.SH FILES
.TP
.I /etc/twofold/twofold.yaml
The configuration.
.TP
.I /etc/twofold/twofold.yaml.store
Names the store this configuration has been used with, so that a wiped or exchanged one is noticed.
.TP
.I /var/lib/twofold
Database, master key and admin socket: state_dir.
.SH SEE ALSO
.BR twofold.yaml (5),
.BR radclient (1),
.BR oathtool (1)
`
