package core

// Verdict is what a pure step of a decision came to.
type Verdict struct {
	next     next
	reason   Reason
	need     Need
	hit      hit    // what is held or was consumed
	password string // toBind
	then     next   // toBind: what a right password leads to
	ask      AskFor // toAsk
	leg      leg    // toAsk: what the State is to carry; also what a right password's challenge will
	made     *Token // toAdmit: the token that enrolment made
}

// next is what has to happen. The zero value refuses.
type next uint8

const (
	toRefuse next = iota
	toSilence
	toAsk
	toBind
	toAdmit
	toWait // for a bind of the same person to end; see turns.go
)

func refuse(why Reason) Verdict { return Verdict{next: toRefuse, reason: why} }

func (v Verdict) result() Result {
	return [...]Result{toRefuse: Reject, toSilence: NoAnswer, toAsk: Challenge, toBind: NoAnswer, toAdmit: Accept, toWait: NoAnswer}[v.next]
}

// promising tells whether a verdict leads on, and without a wrong code.
func (v Verdict) promising() bool {
	return v.next == toAdmit || v.next == toBind || v.next == toAsk && v.ask == AskCode && v.reason == NoReason
}
