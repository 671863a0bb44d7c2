// Package systemd holds the unit and what goes with it: the account
// (sysusers.d) and the directories (tmpfiles.d). It has no code; its tests
// read the unit and, with the tag integration, let systemd judge it.
package systemd
