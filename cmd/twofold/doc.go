// Command twofold is the server and the tool that administrates it.
//
// Layering: each command stands in a file of its own and says what it prints;
// build.go alone turns a configuration into what the packages are made of;
// server.go puts the running system together, and reload.go exchanges its
// rules. Commands that need the running server speak to its admin socket, one
// endpoint each, so that whatever they do is authorised and audited by core
// (I13). The database is open in one process only.
//
// Everything a command touches comes in by run's parameters, so that tests
// drive the same program as a shell does. It leaves by a status: 0 done, 1
// refused or failed, 2 wrong usage; nothing calls os.Exit while there is
// something to close.
//
// Secrets are asked for on a terminal without echo or read from a file, and
// are never written to the log. Those that a command is asked for (the key of
// a new token, an API key, a temporary code) are written to standard output
// alone, once.
package main
