package importfile

import (
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/core/otp"
)

// Not a seed of anybody: twenty octets of the RFC's test key.
const seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

const uri = "otpauth://totp/Example:alice?secret=" + seed

func read(t *testing.T, text string, f Format) File {
	t.Helper()
	file, err := Read(strings.NewReader(text), f)
	if err != nil {
		t.Fatalf("reading: %v", err)
	}
	return file
}

func TestReadsOneTokenFromEachForm(t *testing.T) {
	all := otp.Params{Algorithm: otp.SHA256, Digits: 8, Period: time.Minute, Window: 1}
	for name, c := range map[string]struct {
		text   string
		format Format
		want   Line
	}{
		"a uri names its user in the label":               {uri, URIs, Line{Number: 1, User: "alice"}},
		"a user before a tab outranks the label":          {"CORP\\bob\t" + uri, URIs, Line{Number: 1, User: `CORP\bob`}},
		"blank lines and comments are passed over":        {"\r\n# a comment\r\n" + uri + "\r\n", URIs, Line{Number: 3, User: "alice"}},
		"a byte order mark is passed over":                {"\ufeff" + uri, URIs, Line{Number: 1, User: "alice"}},
		"csv needs user and secret only":                  {"user,secret\nalice," + seed, CSV, Line{Number: 2, User: "alice"}},
		"columns stand in any order and case":             {"Secret,USER\n" + seed + ",alice\n", CSV, Line{Number: 2, User: "alice"}},
		"empty fields leave the defaults":                 {"user,secret,algorithm,digits,period,label\nalice," + seed + ",,,,", CSV, Line{Number: 2, User: "alice"}},
		"quoted fields hold commas and quotes":            {"user,secret,label\n\"a,b\"," + seed + ",\"the \"\"old\"\" phone\"", CSV, Line{Number: 2, User: "a,b", Label: `the "old" phone`}},
		"csv sets every parameter":                        {"user,secret,algorithm,digits,period,label\nalice," + seed + ",sha-256,8,60,phone", CSV, Line{Number: 2, User: "alice", Label: "phone", Key: otp.Key{Params: all}}},
		"csv takes a period with its unit":                {"user,secret,algorithm,digits,period\nalice," + seed + ",SHA256,8,60s", CSV, Line{Number: 2, User: "alice", Key: otp.Key{Params: all}}},
		"the last line needs no line feed, a pair of CRs": {"user,secret\r\nalice," + seed + "\r\n", CSV, Line{Number: 2, User: "alice"}},
	} {
		t.Run(name, func(t *testing.T) {
			file := read(t, c.text, c.format)
			if len(file.Faults) > 0 || len(file.Lines) != 1 {
				t.Fatalf("%d lines, faults %v", len(file.Lines), file.Faults)
			}
			got := file.Lines[0]
			want := c.want.Key.Params
			if want.Digits == 0 {
				want = otp.Default()
			}
			if got.User != c.want.User || got.Label != c.want.Label || got.Number != c.want.Number || got.Key.Params != want || len(got.Key.Secret) != 20 {
				t.Errorf("got %d %q %q %+v", got.Number, got.User, got.Label, got.Key.Params)
			}
		})
	}
}

func TestI10_FaultsNameTheLineAndQuoteNothingOfIt(t *testing.T) {
	for name, c := range map[string]struct {
		line   string
		format Format
		why    string
	}{
		"a uri without secret":          {"otpauth://totp/alice?digits=6", URIs, "secret is missing"},
		"a counter token":               {"otpauth://hotp/alice?secret=" + seed, URIs, "hotp"},
		"a bare seed":                   {seed, URIs, "otpauth://totp/"},
		"a uri with nobody in it":       {"otpauth://totp/?secret=" + seed, URIs, "user is missing"},
		"a seed where the user belongs": {uri + "\t" + uri, URIs, "holds a uri"},
		"a control character in a user": {"al\x01ice\t" + uri, URIs, "control character"},
		"an endless user":               {strings.Repeat("u", MaxUser+1) + "\t" + uri, URIs, "longer than 256"},
		"not base32":                    {"alice," + seed[:19] + "1,SHA1,6,30,", CSV, "base32"},
		"a seed as algorithm":           {"alice," + seed + "," + seed + ",6,30,", CSV, "algorithm is not one of"},
		"a seed as digits":              {"alice," + seed + ",SHA1," + seed + ",30,", CSV, "digits is not a number"},
		"a seed as period":              {"alice," + seed + ",SHA1,6," + seed + ",", CSV, "period is not a number"},
		"a uri as user":                 {uri + "," + seed + ",SHA1,6,30,", CSV, "holds a uri"},
		"a uri as label":                {"alice," + seed + ",SHA1,6,30," + uri, CSV, "holds a uri"},
		"too few fields":                {"alice," + seed, CSV, "line has 2 fields, the header 6"},
		"a stray quote":                 {`alice,"` + seed + ",SHA1,6,30,", CSV, "quotes"},
		"a quote inside a bare field":   {`al"ice,` + seed + ",SHA1,6,30,", CSV, "quotes"},
		"too many digits":               {"alice," + seed + ",SHA1,9,30,", CSV, "9 digits"},
		"not UTF-8":                     {"al\xffice," + seed + ",SHA1,6,30,", CSV, "not UTF-8"},
		"no user":                       {"," + seed + ",SHA1,6,30,", CSV, "user is missing"},
		"a space for the tab":           {"alice " + uri, URIs, "there must be a tab"},
		"a comma for the tab":           {"alice," + uri, URIs, "there must be a tab"},
		"a seed and a space":            {"a@b " + seed + " " + uri, URIs, "there must be a tab"},
		"swapped columns":               {seed + ",alice,SHA1,6,30,", CSV, "secret has 24 bits"},
		"an endless line":               {"alice," + strings.Repeat(seed, 400), CSV, "longer than 8192"},
	} {
		t.Run(name, func(t *testing.T) {
			good := uri
			if c.format == CSV {
				good = "user,secret,algorithm,digits,period,label\nalice," + seed + ",,,,"
			}
			file := read(t, good+"\n"+c.line+"\n"+strings.TrimPrefix(good, "user,secret,algorithm,digits,period,label\n"), c.format)
			if len(file.Lines) != 2 || len(file.Faults) != 1 {
				t.Fatalf("%d lines, faults %v", len(file.Lines), file.Faults)
			}
			f := file.Faults[0]
			if f.Line != strings.Count(good, "\n")+2 || !strings.Contains(f.Why, c.why) || strings.Contains(f.Why+f.User, seed[:8]) {
				t.Errorf("line %d: %s", f.Line, f.Why)
			}
		})
	}
}

func TestAFileWithoutAUsableHeaderIsRefusedWhole(t *testing.T) {
	for name, text := range map[string]string{
		"an empty file":     "",
		"no header":         "alice," + seed,
		"an unknown column": "user,secret,colour",
		"a column twice":    "user,secret,user",
		"no secret":         "user,label",
		"a stray quote":     `user,"secret`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read(strings.NewReader(text), CSV)
			if err == nil || strings.Contains(err.Error(), seed[:8]) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestANumberSignBeginsACommentAmongURIsOnly(t *testing.T) {
	file := read(t, "user,secret\n#admin,"+seed+"\n", CSV)
	if len(file.Lines) != 1 || file.Lines[0].User != "#admin" {
		t.Errorf("got %v, faults %v", file.Lines, file.Faults)
	}
}

func TestI12_LinesAreCounted(t *testing.T) {
	text := strings.Repeat("x\n", MaxLines)
	if file := read(t, text, URIs); len(file.Faults) != MaxLines {
		t.Errorf("%d faults of as many lines as are taken", len(file.Faults))
	}
	if _, err := Read(strings.NewReader(text+"x\n"), URIs); !errors.Is(err, ErrTooMany) {
		t.Errorf("one line more: %v", err)
	}
}

func TestSniffTellsTheFormsApart(t *testing.T) {
	for text, want := range map[string]Format{
		"user,secret\nalice,": CSV, "\ufeffuser,secret": CSV, uri: URIs, "# tokens, of 2026\n" + uri: URIs,
		"": URIs, "alice\t" + uri + "&x=a,b": URIs,
	} {
		if got := Sniff([]byte(text)); got != want {
			t.Errorf("%.20q is %v", text, got)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(uri), false)
	f.Add([]byte("alice\t"+uri+"\n\n#\n"), false)
	f.Add([]byte("user,secret,algorithm,digits,period,label\n\"a\"\"\","+seed+",SHA1,6,30,x\n"), true)
	f.Fuzz(func(t *testing.T, text []byte, isCSV bool) {
		format := URIs
		if isCSV {
			format = CSV
		}
		file, err := Read(strings.NewReader(string(text)), format)
		if err != nil {
			return
		}
		for _, l := range file.Lines {
			if err := errors.Join(check(l), l.Key.Params.Validate()); err != nil || len(l.Key.Secret) < otp.MinSecretSize {
				t.Errorf("line %d passed: %v", l.Number, err)
			}
		}
	})
}

// FuzzSplit holds the splitter against the standard library's.
func FuzzSplit(f *testing.F) {
	f.Add(`a,"b ""c""",`)
	f.Add(`"a"b`)
	f.Add(`,`)
	f.Fuzz(func(t *testing.T, line string) {
		if strings.ContainsAny(line, "\r\n") || line == "" {
			return
		}
		got, err := split(line)
		want, wantErr := csv.NewReader(strings.NewReader(line)).Read()
		if (err == nil) != (wantErr == nil) || err == nil && !slices.Equal(got, want) {
			t.Errorf("%q: got %q %v, want %q %v", line, got, err, want, wantErr)
		}
	})
}

func ExampleRead() {
	file, err := Read(strings.NewReader("user,secret\nalice,GEZDGNBVGY3TQOJQ\nbob,short\n"), CSV)
	fmt.Println(len(file.Lines), file.Faults, err)
	// Output: 1 [{3 bob secret has 24 bits, not between 80 and 1024}] <nil>
}

func TestAFaultNamesTheUserWhereThatCannotBeASeed(t *testing.T) {
	for user, named := range map[string]bool{
		"bob": true, `CORP\bob.builder`: true, "christopher@corp.example.com": true,
		"christopherjohnson": false, seed: false, seed[:14]: false, strings.ToLower(seed[:16]): false,
		"GEZD GNBV GY3T QOJQ": false, "a@b;" + seed: false, "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=": false,
	} {
		for _, file := range []File{
			read(t, "user,secret\n"+user+",short\n", CSV),
			read(t, user+"\totpauth://hotp/x\n", URIs),
		} {
			if got := file.Faults[0].User; got != map[bool]string{true: user}[named] {
				t.Errorf("%q is told as %q", user, got)
			}
		}
	}
}

func TestAFileWithNothingInItIsNoImport(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		format Format
	}{
		"empty":               {"", URIs},
		"empty csv":           {"", CSV},
		"comments only":       {"# nothing\n\n", URIs},
		"a header only":       {"user,secret\n", CSV},
		"a byte order mark":   {"\ufeff", URIs},
		"blank lines, as csv": {"\n\n", CSV},
	} {
		if _, err := Read(strings.NewReader(c.text), c.format); !errors.Is(err, ErrEmpty) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAHeaderWithAnotherSeparatorIsToldSo(t *testing.T) {
	for _, text := range []string{"user;secret\nalice;" + seed, "User\tSecret\nalice\t" + seed, "user|secret\n"} {
		if f := Sniff([]byte(text)); f != CSV {
			t.Errorf("%q is taken for %v", text, f)
		}
		if _, err := Read(strings.NewReader(text), CSV); err == nil || !strings.Contains(err.Error(), "the separator must be a comma") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
