package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"
)

func serveCommand() *cli.Command {
	return leaf(&cli.Command{
		Name:  "serve",
		Usage: "run the server",
		Description: "Answers RADIUS, HTTPS, the admin socket and the ops listener until SIGTERM or SIGINT; then\n" +
			"logins under way are answered before it ends. SIGHUP reads the configuration again: everything\n" +
			"new is built before anything is exchanged, and a file with a fault changes nothing. It prints\n" +
			"one line on standard output when it is ready, logs to standard error and notifies systemd.\n\n" +
			"Example: twofold serve --config /etc/twofold/twofold.yaml",
		Flags: []cli.Flag{
			flag("init", "begin with an empty store although this configuration has been used before"),
			flag("accept-loss", "go on with a store that has lost records or was put back from a copy; no code older than now is accepted"),
		},
	}, func(c *cli.Context) error {
		return serve(c.Context, options{
			config: configPath(c), first: c.Bool("init"), acceptLoss: c.Bool("accept-loss"), log: c.App.ErrWriter,
		}, c.App.Writer)
	})
}

// serve runs the server until ctx ends.
func serve(ctx context.Context, opts options, out io.Writer) error {
	hangups := make(chan os.Signal, 1) // one is enough: the next reload reads what is then there
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	s, err := start(ctx, opts)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, s.readyLine()); err != nil {
		return errors.Join(fmt.Errorf("saying that it is ready: %w", err), s.close())
	}
	s.notify("READY=1")
	err = s.attend(ctx, hangups)
	s.notify("STOPPING=1")
	return errors.Join(err, s.close())
}

// readyLine names what is listened on.
func (s *server) readyLine() string {
	parts := []string{"twofold: ready"}
	if s.radius != nil {
		var at []string
		for _, a := range s.radius.ReadyAddrs() {
			at = append(at, a.String())
		}
		parts = append(parts, "RADIUS on "+strings.Join(at, " "))
	}
	if s.addrs.https != "" {
		parts = append(parts, "https on "+s.addrs.https)
	}
	if s.addrs.ops != "" {
		parts = append(parts, "ops on "+s.addrs.ops)
	}
	return strings.Join(append(parts, "admin socket "+s.addrs.socket), ", ")
}

// attend does what comes up while the server runs. That it still does is what
// the watchdog is told.
func (s *server) attend(ctx context.Context, hangups <-chan os.Signal) error {
	house := time.NewTicker(time.Minute)
	defer house.Stop()
	alive, stop := s.watchdog()
	defer stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-s.failed:
			return err
		case <-hangups:
			s.reload(ctx)
		case <-house.C:
			s.keepHouse(ctx)
		case <-alive:
			s.notify("WATCHDOG=1")
		}
	}
}

// houseWithin bounds keepHouse. The watchdog is not told meanwhile: it must
// come round well within the unit's WatchdogSec.
const houseWithin = 10 * time.Second

// keepHouse runs once a minute, bounded in time as each step is in work.
func (s *server) keepHouse(ctx context.Context) {
	within, cancel := context.WithTimeout(ctx, houseWithin)
	defer cancel()
	if err := s.core.Maintain(within); err != nil && ctx.Err() == nil {
		s.log.Error("maintaining the store", "err", err)
	}
}
