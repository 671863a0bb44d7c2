package core

// Reason says why a decision was taken. It is for the log, the event and the
// metrics, never for the user: to strangers all refusals look alike (I08).
type Reason uint16

// Reasons are the event ids of decisions. Numbers never change their meaning;
// a retired one is not used again. doc/events.md is generated from this table.
const (
	NoReason Reason = 0

	AcceptedCode        Reason = 1001
	AcceptedExcluded    Reason = 1002
	AcceptedNotRequired Reason = 1003
	AcceptedUnenrolled  Reason = 1004
	AcceptedCodeOnly    Reason = 1005
	AcceptedTempCode    Reason = 1006
	AcceptedEnrolled    Reason = 1007
	AcceptedPair        Reason = 1008

	UnknownUser         Reason = 2001
	AmbiguousUser       Reason = 2002
	NotEnrolled         Reason = 2003
	EnrolmentPending    Reason = 2004
	WrongCode           Reason = 2005
	MissingCode         Reason = 2006
	CodeUsed            Reason = 2007
	CodeInUse           Reason = 2008
	CodesThrottled      Reason = 2009
	WrongPassword       Reason = 2010
	EmptyPassword       Reason = 2011
	UnusablePassword    Reason = 2012
	PasswordsThrottled  Reason = 2013
	LockedAfterPassword Reason = 2014
	Blocked             Reason = 2015
	EntryIsDisabled     Reason = 2016
	EntryIsExpired      Reason = 2017
	EntryIsLocked       Reason = 2018
	PasswordExpired     Reason = 2019
	PasswordMustChange  Reason = 2020
	LogonRestricted     Reason = 2021
	BindRefused         Reason = 2022
	ChallengeInvalid    Reason = 2023
	ChallengeExpired    Reason = 2024
	ChallengeForeign    Reason = 2025
	ChallengeUsed       Reason = 2026
	EnrolmentNotHere    Reason = 2027
	EnrolmentUnshowable Reason = 2028
	TokensDisabled      Reason = 2029
	ClockUntrusted      Reason = 2030
	MethodUnsupported   Reason = 2031
	AllowanceEnded      Reason = 2032

	DirectoryDown   Reason = 3001
	BindOutcomeLost Reason = 3002
	StoreDown       Reason = 3003
	RecordDamaged   Reason = 3004
	Overloaded      Reason = 3005
	OutOfTime       Reason = 3006

	ChallengedCode  Reason = 4001
	ChallengedNext  Reason = 4002
	ChallengedEnrol Reason = 4003

	UserEnrolled     Reason = 5001
	UserReset        Reason = 5002
	UserUnlocked     Reason = 5003
	UserBlocked      Reason = 5004
	UserUnblocked    Reason = 5005
	TempCodeIssued   Reason = 5006
	InvitationIssued Reason = 5007
	TokenImported    Reason = 5008
	TokenDisabled    Reason = 5009
	KeyCreated       Reason = 5010
	KeyRevoked       Reason = 5011
	LoginTried       Reason = 5012
	ActRefused       Reason = 5013

	Started        Reason = 6001
	Stopped        Reason = 6002
	Reloaded       Reason = 6003
	RefusalsSummed Reason = 6004
	StoreCreated   Reason = 6005
	FloorRaised    Reason = 6006
)
