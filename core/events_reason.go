package core

import (
	"fmt"
	"strconv"
	"strings"
)

//go:generate go run ./internal/gen -o ../doc/events.md

// reasonTable gives every Reason the name it has in logs and metrics, and the
// sentence that explain and doc/events.md say about it. Names, like numbers,
// never change.
var reasonTable = []struct {
	Reason Reason
	Name   string
	Text   string
}{
	{AcceptedCode, "accepted-code", "Password and one-time code were right."},
	{AcceptedExcluded, "accepted-excluded", "The password was right, and an exclusion waives the second factor."},
	{AcceptedNotRequired, "accepted-not-required", "The password was right, and no second factor is required of this person or by this client."},
	{AcceptedUnenrolled, "accepted-unenrolled", "The password was right, and people who never enrolled are let in by it until the date in the configuration."},
	{AcceptedCodeOnly, "accepted-code-only", "The one-time code was right; this client checks the password itself."},
	{AcceptedTempCode, "accepted-temp-code", "The password and a temporary code given out by the help desk were right."},
	{AcceptedEnrolled, "accepted-enrolled", "The password was right, and the first code of a new key confirmed it: the person is now enrolled."},
	{AcceptedPair, "accepted-pair", "Two consecutive codes were right, as is asked after too many wrong ones."},

	{UnknownUser, "unknown-user", "The directory knows nobody by this name."},
	{AmbiguousUser, "ambiguous-user", "Several directory entries have this name with equal right; log in with DOMAIN\\user or user@suffix."},
	{NotEnrolled, "not-enrolled", "The person never enrolled, and this client refuses such people."},
	{EnrolmentPending, "enrolment-pending", "The person's token was reset or removed, and they have not enrolled again."},
	{WrongCode, "wrong-code", "The one-time code is not one of the person's tokens'."},
	{MissingCode, "missing-code", "No code came with the password, and this client takes it nowhere else."},
	{CodeUsed, "code-used", "The code was right, but it was used before, or a later one was."},
	{CodeInUse, "code-in-use", "Another attempt with the same code is under way."},
	{CodesThrottled, "codes-throttled", "Too many wrong codes from this source: single codes are not judged, two consecutive ones are."},
	{WrongPassword, "wrong-password", "The directory refused the password."},
	{EmptyPassword, "empty-password", "The password was empty; it was not sent to the directory."},
	{UnusablePassword, "unusable-password", "The password holds octets that no directory takes (a NUL, no UTF-8) or is too long; it was not sent."},
	{PasswordsThrottled, "passwords-throttled", "Too many wrong passwords: another bind could lock the account in the directory, so none was sent."},
	{LockedAfterPassword, "locked-after-password", "Too many wrong codes followed a right password: somebody else may know it. Locked for a while."},
	{Blocked, "blocked", "An administrator blocked the person."},
	{EntryIsDisabled, "entry-disabled", "The account is disabled in the directory."},
	{EntryIsExpired, "entry-expired", "The account has expired in the directory."},
	{EntryIsLocked, "entry-locked", "The account is locked in the directory."},
	{PasswordExpired, "password-expired", "The password has expired and must be changed in the directory."},
	{PasswordMustChange, "password-must-change", "The password must be changed in the directory before the next login."},
	{LogonRestricted, "logon-restricted", "The directory does not let the account log in at this hour or from this workstation."},
	{BindRefused, "bind-refused", "The directory refused the bind for a reason other than a wrong password; the detail has its code."},
	{ChallengeInvalid, "challenge-invalid", "The answer's State was not given out by this process: forged, cut, or from before a restart."},
	{ChallengeExpired, "challenge-expired", "The answer to the challenge came too late."},
	{ChallengeForeign, "challenge-foreign", "The answer came through another client, or for another person, than the challenge."},
	{ChallengeUsed, "challenge-used", "The challenge was answered before."},
	{EnrolmentNotHere, "enrolment-not-here", "Enrolment is not possible through this client or from this address without an invitation."},
	{EnrolmentUnshowable, "enrolment-unshowable", "Enrolment is not possible here because nothing may show the key (enrol_show_key is off)."},
	{TokensDisabled, "tokens-disabled", "All of the person's tokens are disabled, after too many wrong codes that followed a right password."},
	{ClockUntrusted, "clock-untrusted", "The server's clock is behind the newest code it accepted, or known to be wrong; codes are refused."},
	{MethodUnsupported, "method-unsupported", "The request uses a method that a directory bind cannot check (CHAP, MS-CHAP, EAP), or none."},
	{AllowanceEnded, "allowance-ended", "The person never enrolled, and the date until which the password alone was enough has passed."},

	{DirectoryDown, "directory-down", "The directory could not be asked."},
	{BindOutcomeLost, "bind-outcome-lost", "The password was sent to the directory and no answer came back; it counts as a wrong one."},
	{StoreDown, "store-down", "The store could not be read or written, so nobody is let in."},
	{RecordDamaged, "record-damaged", "A record of the person is damaged or missing; they are refused until it is mended."},
	{Overloaded, "overloaded", "More requests than can be worked on; this one was dropped early."},
	{OutOfTime, "out-of-time", "The client's deadline passed before there was a decision."},

	{ChallengedCode, "challenged-code", "A challenge asked for the one-time code."},
	{ChallengedNext, "challenged-next", "A challenge asked for the code that follows the one given."},
	{ChallengedEnrol, "challenged-enrol", "A challenge showed a new key and asked for its first code."},

	{UserEnrolled, "user-enrolled", "A token was made for the person."},
	{UserReset, "user-reset", "All tokens of the person were removed; they have to enrol again."},
	{UserUnlocked, "user-unlocked", "Wrong codes and passwords were forgotten, and disabled tokens enabled again."},
	{UserBlocked, "user-blocked", "The person was blocked."},
	{UserUnblocked, "user-unblocked", "The person was unblocked."},
	{TempCodeIssued, "temp-code-issued", "A temporary code was given out, which stands in for a token's."},
	{InvitationIssued, "invitation-issued", "An invitation was given out, which proves the person at enrolment."},
	{TokenImported, "token-imported", "A token was imported."},
	{TokenDisabled, "token-disabled", "The person's tokens were disabled, after too many wrong codes that followed a right password."},
	{KeyCreated, "key-created", "An API key was created."},
	{KeyRevoked, "key-revoked", "An API key was revoked."},
	{LoginTried, "login-tried", "An administrator runs an attempt to see each step of it."},
	{ActRefused, "act-refused", "Somebody asked for an administrative act that their role does not permit."},

	{Started, "started", "The server started."},
	{Stopped, "stopped", "The server stopped in good order."},
	{Reloaded, "reloaded", "The configuration was reloaded."},
	{RefusalsSummed, "refusals-summed", "Refusals of one kind came in a flood; beyond the first of each minute they were counted, not written one by one."},
	{StoreCreated, "store-created", "An empty store was made."},
	{FloorRaised, "floor-raised", "The store was restored or repaired: codes up to this time are refused."},
}

var reasonIndex = func() map[Reason]int {
	index := make(map[Reason]int, len(reasonTable))
	for i, row := range reasonTable {
		index[row.Reason] = i
	}
	return index
}()

// Name is the reason's short name: "wrong-code".
func (r Reason) Name() string {
	if i, ok := reasonIndex[r]; ok {
		return reasonTable[i].Name
	}
	return r.String()
}

// Text is one sentence about the reason, for logs and explanations.
func (r Reason) Text() string {
	if i, ok := reasonIndex[r]; ok {
		return reasonTable[i].Text
	}
	return "Not known to this version."
}

// String is the reason as an event id: "TF2005".
func (r Reason) String() string { return fmt.Sprintf("TF%04d", uint16(r)) }

// MarshalText makes the event id stand in JSON.
func (r Reason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (r *Reason) UnmarshalText(text []byte) error {
	digits, ok := strings.CutPrefix(string(text), "TF")
	n, err := strconv.ParseUint(digits, 10, 16)
	if !ok || err != nil {
		return fmt.Errorf("event id %.16q is not TF and a number: %w", text, ErrInvalid)
	}
	*r = Reason(n)
	return nil
}

// Reasons gives all of them, in the order of their numbers.
func Reasons() []Reason {
	all := make([]Reason, len(reasonTable))
	for i, row := range reasonTable {
		all[i] = row.Reason
	}
	return all
}
