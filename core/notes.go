package core

import "strings"

// userForLog names the person as resolved; as typed, cleaned and cut, where
// nobody was found.
func (c *Case) userForLog() string {
	if !c.Who.ID.IsZero() {
		return c.Who.Display()
	}
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(c.Attempt.User, ""))
	if r := []rune(clean); len(r) > 64 {
		clean = string(r[:64])
	}
	return clean
}

func (c *Case) noteWho() {
	if c.Missing != NoReason {
		c.note("%s: %s", c.userForLog(), c.Missing.Text())
		return
	}
	c.note("%s is %s, entry %s", c.userForLog(), c.Who.DN, c.Who.ID)
}

func (c *Case) noteBound(b Bound) {
	c.note("one bind as %s: %s", c.Who.DN, b)
}

// String says what came of a bind.
func (b Bound) String() string {
	text := [...]string{BindUnknown: "no answer, it may have been counted", Right: "password right", Wrong: "password wrong",
		Refused: "refused", Unsent: "nothing could be sent"}[b.Outcome]
	if b.Code != "" {
		text += " (" + b.Code + ")"
	}
	return text
}

// fail keeps what went wrong, for the trail and the event.
func (c *Case) fail(where, why string) {
	c.note("%s: %s", where, why)
	c.fault = tidyDetail(where + ": " + why)
}
