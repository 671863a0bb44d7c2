package core

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

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
		in.fault = unknownDomain(in.User, err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking up %q of line %d: %w", tidyName(in.User), in.Line, err)
	}
	in.who = who
	return nil
}
