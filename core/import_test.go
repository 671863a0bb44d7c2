package core

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/core/otp"
)

// line is an import line with a seed that n makes.
func line(number int, user string, n int) ImportLine {
	return ImportLine{Line: number, User: user, Key: otp.Key{Secret: fmt.Appendf(nil, "seed number %08d", n), Params: otp.Default()}}
}

// faults says which lines were refused, and why.
func faults(r ImportReport) map[int]string {
	all := map[int]string{}
	for _, f := range r.Lines {
		all[f.Line] = f.Why
	}
	return all
}

func TestImportedTokensAreActive(t *testing.T) {
	o := newOffice(t, "alice", "bob")
	var done []int
	r := ok[ImportReport](t)(o.Import(ctx, root, []ImportLine{
		line(1, "bob", 1), line(2, `CORP\alice`, 2), {Line: 3, User: "ALICE", Label: "watch", Key: line(0, "", 3).Key},
	}, ImportOptions{Progress: func(n int) { done = append(done, n) }}))
	if r.Imported != 3 || r.Refused != 0 || len(r.Lines) != 0 {
		t.Fatalf("%+v", r)
	}
	a := o.account("alice")
	if a.Standing != Enrolled || len(a.Tokens) != 2 || a.Tokens[1].Label != "watch" || a.Tokens[0].Label != "imported" {
		t.Errorf("%v, %+v", a.Standing, a.Tokens)
	}
	if got := o.log()[1:]; !slices.Equal(got, []Reason{TokenImported, TokenImported, TokenImported}) {
		t.Errorf("events %v", got)
	}
	if !slices.IsSorted(done) || done[len(done)-1] != 3 {
		t.Errorf("progress %v", done)
	}
}

func TestLinesAreRefusedOneByOne(t *testing.T) {
	o, keys := enrolled(t, "alice", "bob", "carol")
	taken := ImportLine{Line: 4, User: "bob", Key: keys["alice"]}
	own := ImportLine{Line: 5, User: "carol", Key: keys["carol"]}
	short, endless := line(6, "bob", 6), line(7, "bob", 7)
	short.Key.Secret = []byte("short")
	endless.Label = strings.Repeat("x", maxLabel+1)
	r := ok[ImportReport](t)(o.Import(ctx, root, []ImportLine{
		line(1, "bob", 1), line(2, "nobody", 2), line(3, "bob", 1), taken, own, short, endless, line(8, "alice", 8),
	}, ImportOptions{}))
	if r.Imported != 2 || r.Refused != 6 {
		t.Errorf("%+v", r)
	}
	for number, why := range map[int]string{2: "no such user", 3: "same seed as line 1", 4: "belongs to another account",
		5: "has a token with this seed already", 6: "bits", 7: "label is longer"} {
		if got := faults(r)[number]; !strings.Contains(got, why) {
			t.Errorf("line %d: %q, want %q", number, got, why)
		}
	}
	if !slices.IsSortedFunc(r.Lines, func(a, b ImportFault) int { return a.Line - b.Line }) {
		t.Error("the report is not in the order of the file")
	}
}

func TestAtomicWritesNothingUnlessEveryLineIsValid(t *testing.T) {
	for name, bad := range map[string]ImportLine{
		"a name nobody has":       line(999, "nobody", 999),
		"a seed that is taken":    line(999, "zoe", 0),
		"a seed that comes twice": line(999, "zoe", 3),
		"too many tokens":         line(999, "full", 999),
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t, "first", "full", "zoe")
			ok[ImportReport](t)(o.Import(ctx, root, []ImportLine{line(1, "first", 0)}, ImportOptions{}))
			for range maxTokens {
				ok[Enrolment](t)(o.Enrol(ctx, root, "full", EnrolRequest{Add: true}))
			}
			var lines []ImportLine
			for i := 1; i < 900; i++ {
				o.book.add(fmt.Sprintf("user%04d", i))
				lines = append(lines, line(i, fmt.Sprintf("user%04d", i), i))
			}
			before := len(o.shelf.records)
			r := ok[ImportReport](t)(o.Import(ctx, root, append(lines, bad), ImportOptions{Atomic: true}))
			if r.Imported != 0 || r.Refused != 1 || len(r.Lines) != 1 || r.Lines[0].Line != 999 {
				t.Errorf("%+v", r)
			}
			if n := len(o.shelf.records) - before; n != 0 {
				t.Errorf("%d records were written", n)
			}
			r = ok[ImportReport](t)(o.Import(ctx, root, lines, ImportOptions{Atomic: true}))
			if r.Imported != len(lines) || r.Refused != 0 {
				t.Errorf("without the bad line: %+v", r)
			}
		})
	}
}

func TestATrialSeesAllLinesOfAPersonTogether(t *testing.T) {
	o := newOffice(t, "m")
	var lines []ImportLine
	for i := range importBatch - 5 {
		o.book.add(fmt.Sprintf("a%03d", i))
		lines = append(lines, line(i, fmt.Sprintf("a%03d", i), i))
	}
	for i := range maxTokens + 1 { // across the end of a batch
		lines = append(lines, line(1000+i, "m", 1000+i))
	}
	r := ok[ImportReport](t)(o.Import(ctx, root, lines, ImportOptions{Atomic: true}))
	if r.Imported != 0 || r.Refused != 1 || len(o.shelf.keys(kindAccount)) != 0 {
		t.Errorf("%+v", r)
	}
}

func TestADirectoryThatIsDownEndsAnImportBeforeAnythingIsWritten(t *testing.T) {
	o := newOffice(t, "alice")
	o.book.down = true
	before := len(o.shelf.records)
	if _, err := o.Import(ctx, root, []ImportLine{line(1, "alice", 1)}, ImportOptions{}); !errors.Is(err, ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	if len(o.shelf.records) != before {
		t.Error("something was written")
	}
}

func TestWeakSeedsAreImportedAndCounted(t *testing.T) {
	o := newOffice(t, "alice")
	weak := line(1, "alice", 1)
	weak.Key.Secret = weak.Key.Secret[:12]
	if r := ok[ImportReport](t)(o.Import(ctx, root, []ImportLine{weak, line(2, "alice", 2)}, ImportOptions{})); r.Weak != 1 || r.Imported != 2 {
		t.Errorf("%+v", r)
	}
}

func TestI12_ImportsAreBounded(t *testing.T) {
	o := newOffice(t)
	if _, err := o.Import(ctx, root, make([]ImportLine, maxImport+1), ImportOptions{}); !errors.Is(err, ErrInvalid) {
		t.Errorf("got %v", err)
	}
}

func TestI03_SeedsThatMakeTheSameCodesAreOneSeed(t *testing.T) {
	p := otp.Default()
	base := []byte("twelve bytes!")
	long := slices.Repeat([]byte("0123456789"), 8)
	for name, same := range map[string][2][]byte{
		"zeros at the end":               {base, append(slices.Clone(base), 0, 0)},
		"longer than a block and hashed": {long, hmacKey(long, otp.SHA1)},
	} {
		if p.Code(same[0], 1) != p.Code(same[1], 1) {
			t.Errorf("%s: the codes differ, the test is wrong", name)
		}
		if string(seedDigest(same[0], otp.SHA1)) != string(seedDigest(same[1], otp.SHA1)) {
			t.Errorf("%s: two seeds", name)
		}
	}
	if string(seedDigest(base, otp.SHA1)) == string(seedDigest(base[1:], otp.SHA1)) {
		t.Error("different seeds are one")
	}
}

func TestI03_ARemovedSeedComesBackToItsAccountOnlyAndWithItsCodesUsed(t *testing.T) {
	o, keys := enrolled(t, "alice", "bob")
	step := keys["alice"].StepAt(o.time())
	o.edit("alice", func(a *Account) {
		a.Tokens[0].Last = step - 1
		a.Holds = append(a.Holds, Hold{Attempt: "a1", Token: a.Tokens[0].ID, Step: step, Until: o.time().Add(time.Minute)})
	})
	ok[ResetResult](t)(o.Reset(ctx, root, "alice", ResetRequest{}))

	other := keys["alice"]
	other.Digits = 8
	r := ok[ImportReport](t)(o.Import(ctx, root, []ImportLine{
		{Line: 1, User: "bob", Key: keys["alice"]},
	}, ImportOptions{}))
	if !strings.Contains(faults(r)[1], "another account") {
		t.Errorf("bob got the seed of alice: %+v", r)
	}
	r = ok[ImportReport](t)(o.Import(ctx, root, []ImportLine{{Line: 1, User: "alice", Key: other}}, ImportOptions{}))
	if !strings.Contains(faults(r)[1], "other parameters") {
		t.Errorf("with other parameters: %+v", r)
	}
	r = ok[ImportReport](t)(o.Import(ctx, root, []ImportLine{{Line: 1, User: "alice", Key: keys["alice"]}}, ImportOptions{}))
	if r.Imported != 1 || o.account("alice").Tokens[0].Last != step {
		t.Errorf("%+v, last step %d, want %d", r, o.account("alice").Tokens[0].Last, step)
	}
}

func TestI07_ADamagedSeedRecordIsARefusal(t *testing.T) {
	o, keys := enrolled(t, "alice", "bob")
	for _, key := range o.shelf.keys(kindSeed) {
		o.shelf.records[string(kindSeed)+"\x00"+key] = []byte{0xff}
	}
	r := ok[ImportReport](t)(o.Import(ctx, root, []ImportLine{{Line: 1, User: "bob", Key: keys["alice"]}}, ImportOptions{}))
	if r.Imported != 0 || r.Refused != 1 {
		t.Errorf("%+v", r)
	}
}

func TestTwentyThousandLinesAreImportedQuickly(t *testing.T) {
	o := newOffice(t)
	var lines []ImportLine
	for i := range 20_000 {
		login := fmt.Sprintf("u%05d", i)
		o.book.add(login)
		lines = append(lines, line(i+1, login, i))
	}
	began := time.Now()
	r := ok[ImportReport](t)(o.Import(ctx, root, lines, ImportOptions{}))
	if r.Imported != len(lines) {
		t.Errorf("%d imported", r.Imported)
	}
	t.Logf("%d lines in %v and %d transactions", len(lines), time.Since(began), o.shelf.writes)
	if o.shelf.writes > 2*len(lines)/importBatch {
		t.Errorf("%d transactions", o.shelf.writes)
	}
	if !o.verify().OK {
		t.Error("the chain is broken")
	}
}
