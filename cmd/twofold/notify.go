package main

import (
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// notify tells systemd, where there is one (sd_notify(3)).
func (s *server) notify(state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		s.log.Warn("notifying systemd", "err", err)
	}
}

// watchdog ticks twice in the time within which systemd wants to hear; where
// there is no watchdog, never.
func (s *server) watchdog() (<-chan time.Time, func()) {
	every, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		s.log.Warn("reading the watchdog's time", "err", err)
	}
	if every <= 0 {
		return nil, func() {}
	}
	tick := time.NewTicker(every / 2)
	return tick.C, tick.Stop
}

// reloading is the state of Type=notify-reload: it needs the time.
func reloading() string { return "RELOADING=1\n" + daemon.SdNotifyMonotonicUsec() }
