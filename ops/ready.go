package ops

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// How long all checks together may take, and how long their result holds.
const (
	readyWithin = 3 * time.Second
	readyHolds  = time.Second
)

// Check is one thing that has to work before a login can be judged.
type Check struct {
	Name  string
	Ready func(ctx context.Context) error
}

// Report is the answer of /readyz.
type Report struct {
	Ready  bool          `json:"ready"`
	At     time.Time     `json:"at"`
	Checks []CheckReport `json:"checks,omitempty"`
}

// CheckReport is what came of one check.
type CheckReport struct {
	Name  string `json:"name"`
	Ready bool   `json:"ready"`
	Error string `json:"error,omitempty"`
}

// readiness runs the checks, and keeps their result for a moment.
type readiness struct {
	checks []Check
	now    func() time.Time

	mu   sync.Mutex // held while the checks run: who asks meanwhile gets their result
	last Report
}

func (r *readiness) report(ctx context.Context) Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	if age := r.now().Sub(r.last.At); r.last.At.IsZero() || age < 0 || age >= readyHolds {
		r.last = r.run(context.WithoutCancel(ctx))
	}
	return r.last
}

// run runs all checks at once. One asker's hanging up does not spoil the
// result for the others.
func (r *readiness) run(ctx context.Context) Report {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	report := Report{Ready: true, At: r.now().UTC(), Checks: make([]CheckReport, len(r.checks))}
	var all sync.WaitGroup
	for i, c := range r.checks {
		all.Go(func() { report.Checks[i] = c.run(ctx) })
	}
	all.Wait()
	for _, c := range report.Checks {
		report.Ready = report.Ready && c.Ready
	}
	return report
}

// run turns a panic into a failure: health is asked when things are broken.
func (c Check) run(ctx context.Context) (report CheckReport) {
	report.Name = c.Name
	defer func() {
		if p := recover(); p != nil {
			report.Ready, report.Error = false, fmt.Sprintf("check panicked: %v", p)
		}
	}()
	if err := c.Ready(ctx); err != nil {
		report.Error = err.Error()
		return report
	}
	report.Ready = true
	return report
}
