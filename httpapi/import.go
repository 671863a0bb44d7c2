package httpapi

import (
	"errors"
	"net/http"
	"time"

	"twofold/core"
	"twofold/internal/importfile"
)

// importTokens takes a file of tokens as its body, and answers with JSON
// lines: progress, then a report. One import runs at a time.
func (s *Server) importTokens(c *call) error {
	if c.actor.Role != core.Admin {
		// Core refuses, and writes it down, before a long file keeps others out.
		if _, err := s.cfg.Core.Import(c.r.Context(), c.actor, nil, core.ImportOptions{}); err != nil {
			return err
		}
	}
	atomic := c.q.flag("atomic")
	if c.q.err != nil {
		return c.q.err
	}
	kind, err := c.media("text/plain", "text/csv")
	if err != nil {
		return err
	}
	if !s.importing.enter() {
		return errBusy
	}
	defer s.importing.leave()
	if err := c.allow(longest); err != nil {
		return err
	}
	file, err := readTokens(c, kind)
	if err != nil {
		return err
	}
	return s.importFile(c, file, atomic)
}

func readTokens(c *call, kind string) (importfile.File, error) {
	format := importfile.URIs
	if kind == "text/csv" {
		format = importfile.CSV
	}
	file, err := importfile.Read(c.r.Body, format)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return file, bodyError(err)
	case err != nil:
		return file, invalid{err}
	}
	return file, nil
}

// invalid makes core.ErrInvalid of an error whose text is fit to be told.
type invalid struct{ error }

func (i invalid) Is(target error) bool { return target == core.ErrInvalid }

// progressEvery is how often a caller is told.
const progressEvery = 100 * time.Millisecond

// importFile hands the lines over, and tells how it goes.
func (s *Server) importFile(c *call, file importfile.File, atomic bool) error {
	out := &lines{exchange: c.exchange}
	total, told := len(file.Lines)+len(file.Faults), s.cfg.Now()
	report, err := s.cfg.Core.Import(c.r.Context(), c.actor, convert(file), core.ImportOptions{
		Atomic: atomic,
		Progress: func(done int) {
			if now := s.cfg.Now(); now.Sub(told) >= progressEvery {
				told = now
				out.message(ImportMessage{Progress: &ImportProgress{Done: done, Total: total}})
			}
		},
	})
	if err != nil && c.w.status == 0 && report.Imported == 0 {
		return err
	}
	restate(&report, file.Faults)
	last := ImportMessage{Report: &report}
	if err != nil {
		c.log.Error("import ended early", "err", err, "imported", report.Imported)
		last.Problem, _ = problem(err, c.id)
	}
	out.message(last)
	return out.end()
}

// message sends one line at once; before the first it says what follows.
func (l *lines) message(m ImportMessage) {
	if l.w.status == 0 {
		l.w.Header().Set("Content-Type", jsonLines)
		l.w.WriteHeader(http.StatusOK)
	}
	l.send(m)
	l.flush()
}

// convert makes core's lines. Those that could not be read go with them,
// without a key, which core refuses: so they count, and with atomic they keep
// the others out.
func convert(file importfile.File) []core.ImportLine {
	all := make([]core.ImportLine, 0, len(file.Lines)+len(file.Faults))
	for _, l := range file.Lines {
		all = append(all, core.ImportLine{Line: l.Number, User: l.User, Label: l.Label, Key: l.Key})
	}
	for _, f := range file.Faults {
		all = append(all, core.ImportLine{Line: f.Line, User: f.User})
	}
	return all
}

// restate puts what was wrong with the lines that could not be read in the
// place of what core says of a line without a key.
func restate(report *core.ImportReport, faults []importfile.Fault) {
	why := make(map[int]string, len(faults))
	for _, f := range faults {
		why[f.Line] = f.Why
	}
	for i := range report.Lines {
		if text, ok := why[report.Lines[i].Line]; ok {
			report.Lines[i].Why = text
		}
	}
}
