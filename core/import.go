package core

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

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

// prepare does whatever needs no transaction: it checks keys, finds people,
// draws ids, and sorts.
func (im *importing) prepare(ctx context.Context, lines []ImportLine) error {
	all := make([]incoming, len(lines))
	seen := make(map[string]int, len(lines))
	for i, line := range lines {
		all[i] = incoming{ImportLine: line, fault: line.check(seen)}
	}
	if err := im.lookUp(ctx, all); err != nil {
		return err
	}
	for i := range all {
		if err := im.draw(&all[i]); err != nil {
			return err
		}
	}
	im.ready = slices.DeleteFunc(all, func(in incoming) bool { return im.refused(in) })
	slices.SortStableFunc(im.ready, func(a, b incoming) int { return cmp.Compare(string(a.who.ID[:]), string(b.who.ID[:])) })
	return nil
}

// check looks at the line itself, and at seeds that stand in the file twice.
func (l ImportLine) check(seen map[string]int) error {
	if err := errors.Join(l.Key.Validate(), checkLabel(l.Label)); err != nil {
		return err
	}
	digest := string(seedDigest(l.Key.Secret, l.Key.Algorithm))
	if first, twice := seen[digest]; twice {
		return fmt.Errorf("has the same seed as line %d: %w", first, ErrConflict)
	}
	seen[digest] = l.Line
	return nil
}

// draw makes the token of a line.
func (im *importing) draw(in *incoming) error {
	if in.fault != nil {
		return nil
	}
	id, err := newTokenID(im.rand)
	in.token = Token{
		ID: id, Label: tidyText(cmp.Or(in.Label, "imported")),
		Secret: in.Key.Secret, Params: in.Key.Params, Created: im.now(),
	}
	return err
}

// refused enters a refused line into the report.
func (im *importing) refused(in incoming) bool {
	if in.fault == nil {
		return false
	}
	im.report.Refused++
	im.report.Lines = append(im.report.Lines, ImportFault{in.Line, tidyName(in.User), in.fault.Error()})
	return true
}

// lookUp resolves the people of all lines, a few at a time. An unknown name is
// the line's fault; a directory that cannot answer ends the import.
func (im *importing) lookUp(ctx context.Context, all []incoming) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var workers sync.WaitGroup
	done := make(chan struct{})
	for range importWorkers {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(all)) && ctx.Err() == nil; i = next.Add(1) - 1 {
				if err := im.resolveLine(ctx, &all[i]); err != nil {
					cancel(err)
				}
				done <- struct{}{}
			}
		})
	}
	go func() { workers.Wait(); close(done) }()
	for range done {
		im.progress.add(1)
	}
	return context.Cause(ctx)
}

func (im *importing) resolveLine(ctx context.Context, in *incoming) error {
	if in.fault != nil {
		return nil
	}
	who, err := im.resolve(ctx, in.User)
	if errors.Is(err, ErrUnknownUser) || errors.Is(err, ErrAmbiguous) {
		in.fault = err
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking up %q of line %d: %w", tidyName(in.User), in.Line, err)
	}
	in.who = who
	return nil
}
