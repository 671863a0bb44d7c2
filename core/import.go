package core

import (
	"context"
	"fmt"

	"twofold/core/otp"
)

// ImportLine is one token to be imported.
type ImportLine struct {
	Line  int    // in the file, for the report
	User  string // any spelling
	Label string // of the token; may be empty
	Key   otp.Key
}

// ImportOptions say how.
type ImportOptions struct {
	Atomic   bool           // write nothing unless every line is valid
	Progress func(done int) // how many lines are through; called from one goroutine; nil: nobody
}

// ImportReport says what came of an import. With Atomic and a line refused,
// nothing was imported.
type ImportReport struct {
	Imported int           `json:"imported"`
	Refused  int           `json:"refused"`
	Weak     int           `json:"weak"`  // imported, with a seed shorter than RFC 4226 demands
	Lines    []ImportFault `json:"lines"` // the refused ones, in the order of the file
}

// ImportFault says why a line was refused.
type ImportFault struct {
	Line int    `json:"line"`
	User string `json:"user"`
	Why  string `json:"why"`
}

// The bounds of an import (I12).
const (
	maxImport     = 200_000 // lines
	importBatch   = 80      // lines in one transaction: five records each, of the 500 that a store takes
	importWorkers = 8       // lookups at a time
)

// Import makes tokens of seeds that exist already. Each is active at once. A
// line is refused if nobody has its name, its key cannot be used, or its seed
// belongs to another token or account, or did.
//
// Lines are written in batches, each on the disk before the next. With Atomic
// all of them are first tried and the result thrown away, and nothing is
// written unless every line would go in; an outage, or somebody else who gives
// out one of the seeds, between the trial and the last batch can still leave a
// part of the lines written, which the report and the error then say.
func (s *Service) Import(ctx context.Context, actor Actor, lines []ImportLine, opts ImportOptions) (ImportReport, error) {
	if err := s.authorise(ctx, actor, actImport, ""); err != nil {
		return ImportReport{}, err
	}
	if len(lines) > maxImport {
		return ImportReport{}, fmt.Errorf("%d lines are more than %d, import them in parts: %w", len(lines), maxImport, ErrInvalid)
	}
	im := &importing{Service: s, actor: actor, progress: progress{tell: opts.Progress}}
	if err := im.prepare(ctx, lines); err != nil {
		return ImportReport{}, fmt.Errorf("importing: %w", err)
	}
	err := im.run(ctx, opts.Atomic)
	if err != nil {
		err = fmt.Errorf("importing: %w", err)
	}
	return im.report, err
}

// importing is an import under way.
type importing struct {
	*Service
	actor    Actor
	progress progress
	ready    []incoming // valid lines, those of one account side by side
	report   ImportReport
}

// incoming is a line whose person is found.
type incoming struct {
	ImportLine
	who   Identity
	token Token
	fault error // the line is refused
}

// progress tells how many lines are through: half the way is the lookup.
type progress struct {
	tell  func(int)
	halfs int
}

func (p *progress) add(n int) {
	p.halfs += n
	if p.tell != nil {
		p.tell(p.halfs / 2)
	}
}
