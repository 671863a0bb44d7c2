package ldapbind

import (
	"context"
	"sync"
	"time"
)

// How often directories are looked after. A server that comes back is noticed
// within reprobe, one that falls silent while nobody logs in within checkup.
const (
	soonest   = time.Second
	reprobe   = 5 * time.Second
	checkup   = 10 * time.Second
	factsGood = 5 * time.Minute
)

func (ds *Directories) tend() {
	ctx, stop := context.WithCancel(context.Background())
	ds.stop = stop
	for _, d := range ds.all {
		ds.tended.Go(func() { d.tend(ctx) })
	}
}

// tend probes servers that failed, keeps a connection to the others warm,
// closes old ones and keeps the facts fresh.
func (d *directory) tend(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	pause := soonest
	var read time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.kick:
		case <-timer.C:
		}
		allUp := d.visit(ctx)
		if time.Since(read) > factsGood || d.known.Load() == nil {
			if _, err := d.refresh(ctx); err == nil {
				read = time.Now()
			}
		}
		if allUp && d.known.Load() != nil {
			pause = soonest
			timer.Reset(checkup)
			continue
		}
		timer.Reset(pause)
		pause = min(2*pause, reprobe)
	}
}

// visit looks after every server at once, so that a silent one holds up none.
func (d *directory) visit(ctx context.Context) (allUp bool) {
	var each sync.WaitGroup
	for _, s := range d.servers {
		each.Go(func() { s.visit(ctx) })
	}
	each.Wait()
	for _, s := range d.servers {
		if health, _ := s.state(); health != up {
			return false
		}
	}
	return true
}

func (s *server) visit(ctx context.Context) {
	s.binds.tidy()
	s.searches.tidy()
	if health, _ := s.state(); health != up {
		s.probe(ctx)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, s.connect+s.timeout)
	defer cancel()
	// A failure is noted by search itself, and has the server probed.
	if _, _, err := s.search(ctx, rootDSE("currentTime")); err != nil {
		return
	}
}
