//go:build bench

package bench

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

const bare = "bare binds"

// row is one pass.
type row struct {
	outstanding int
	name        string
	result
}

// report is Markdown.
func report(t *testing.T, rows []row, people int, servers []*server) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "\n%d users, each once a pass. %d cores of %s, shared by generator, directory and server.\n\n",
		people, runtime.NumCPU(), processor())
	for _, s := range servers {
		fmt.Fprintf(&b, "- %s: %s; answered %v after its start\n", s.name, s.version, s.ready.Round(time.Millisecond))
	}
	b.WriteString("\n| outstanding | | logins/s | p50 | p99 | retransmissions | refused, lost | CPU per login | RSS |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|\n")
	for _, r := range rows {
		b.WriteString(r.line())
	}
	if *only != "" {
		return b.String() + "\n"
	}
	b.WriteString("\n| outstanding | Twofold's rate to FreeRADIUS's | p99 | CPU per login | of the bare binds |\n|---|---|---|---|---|\n")
	for i, r := range rows {
		if r.name == bare {
			b.WriteString(ratios(r, rows[i+1], last(rows[i+1:])))
		}
	}
	return b.String() + "\n"
}

func (r row) line() string {
	line := fmt.Sprintf("| %d | %s | %.0f | %s | %s |", r.outstanding, r.name, r.rate(), ms(r.quantile(.5)), ms(r.quantile(.99)))
	if r.name == bare {
		return line + " | | | |\n"
	}
	return fmt.Sprintf("%s %d | %d, %d | %d µs | %d MB |\n", line, r.retransmits, r.refused, r.lost, r.perLogin().Microseconds(), r.rss>>20)
}

// perLogin is the server's CPU time.
func (r row) perLogin() time.Duration { return r.cpu / time.Duration(max(1, len(r.latencies))) }

// last is the end of the level that rows begin with.
func last(rows []row) row {
	end := rows[0]
	for _, r := range rows {
		if r.outstanding == end.outstanding && r.name != bare {
			end = r
		}
	}
	return end
}

func ratios(limit, theirs, ours row) string {
	return fmt.Sprintf("| %d | %.2f | %.2f | %.2f | %.0f %% |\n", limit.outstanding, ours.rate()/theirs.rate(),
		float64(ours.quantile(.99))/float64(max(1, theirs.quantile(.99))),
		float64(ours.perLogin())/float64(max(1, theirs.perLogin())), 100*ours.rate()/limit.rate())
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000) }

func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	_, model, _ := strings.Cut(string(text), "model name")
	model, _, _ = strings.Cut(strings.TrimLeft(model, "\t :"), "\n")
	return model
}
