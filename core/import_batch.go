package core

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
)

// run writes the lines that are ready; with atomic, only if a trial finds no
// fault at all.
func (im *importing) run(ctx context.Context, atomic bool) error {
	defer im.finish()
	if atomic {
		if err := im.batches(ctx, im.try); err != nil || im.report.Refused > 0 {
			return err
		}
	}
	return im.batches(ctx, im.write)
}

// finish puts the report in the order of the file.
func (im *importing) finish() {
	slices.SortStableFunc(im.report.Lines, func(a, b ImportFault) int { return cmp.Compare(a.Line, b.Line) })
	if im.report.Lines == nil {
		im.report.Lines = []ImportFault{}
	}
}

// batches hands the lines on in batches, those of one account in the same.
func (im *importing) batches(ctx context.Context, do func(context.Context, []incoming) error) error {
	for rest := im.ready; len(rest) > 0; {
		n := min(importBatch, len(rest))
		for n < len(rest) && rest[n].who.ID == rest[n-1].who.ID {
			n++
		}
		if err := do(ctx, rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

// errTrial takes back what a trial wrote.
var errTrial = errors.New("trial")

func (im *importing) try(ctx context.Context, batch []incoming) error {
	_, err := im.update(ctx, func(w *work) error {
		if err := im.apply(w, batch); err != nil {
			return err
		}
		return errTrial
	})
	for _, in := range batch {
		im.refused(in)
	}
	if errors.Is(err, errTrial) {
		return nil
	}
	return err
}

func (im *importing) write(ctx context.Context, batch []incoming) error {
	err := im.commit(ctx, func(w *work) error { return im.apply(w, batch) })
	if err != nil {
		return err
	}
	for _, in := range batch {
		if im.refused(in) {
			continue
		}
		im.report.Imported++
		if in.Key.Weak() {
			im.report.Weak++
		}
	}
	im.progress.add(len(batch))
	return nil
}

// apply gives the tokens of a batch to their accounts. It may run again, and
// sets every line's fault anew.
func (im *importing) apply(w *work, batch []incoming) error {
	for len(batch) > 0 {
		n := 1
		for n < len(batch) && batch[n].who.ID == batch[0].who.ID {
			n++
		}
		if err := im.applyAccount(w, batch[:n]); err != nil {
			return err
		}
		batch = batch[n:]
	}
	return nil
}

// applyAccount deals with the lines of one person.
func (im *importing) applyAccount(w *work, lines []incoming) error {
	a, err := w.account(lines[0].who.ID)
	if err != nil {
		for i := range lines {
			lines[i].fault = err
		}
		return faultOf(err)
	}
	added := 0
	for i := range lines {
		in := &lines[i]
		if in.fault = w.addToken(&a, in.token); in.fault != nil {
			if err := faultOf(in.fault); err != nil {
				return err
			}
			continue
		}
		added++
	}
	if added == 0 {
		return nil
	}
	c := &change{work: w, Account: &a, actor: im.actor, who: lines[0].who}
	return c.run(func(c *change) error { return c.auditImport(lines) })
}

// faultOf passes on an error that ends the import, and nil for one that is a
// line's own.
func faultOf(err error) error {
	if errors.Is(err, ErrConflict) || errors.Is(err, ErrDamaged) {
		return nil
	}
	return err
}

func (c *change) auditImport(lines []incoming) error {
	for _, in := range lines {
		if in.fault != nil {
			continue
		}
		if err := c.audit(TokenImported, fmt.Sprintf("token %s, line %d", in.token.ID, in.Line)); err != nil {
			return err
		}
	}
	return nil
}
