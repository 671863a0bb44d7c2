package core

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// ExplainRequest asks what would be asked of a person at one door. Nothing is
// tried and nothing is counted.
type ExplainRequest struct {
	User        string
	Client      *Client
	Person, NAS netip.Addr // may be zero
}

// Explanation says which entry a name leads to and which rules apply, and why.
type Explanation struct {
	Entry   EntryView `json:"entry"`
	User    UserView  `json:"user"`    // tokens, lanes, and what else the store knows
	Policy  []string  `json:"policy"`  // the rules looked at, in their order
	Outcome string    `json:"outcome"` // in one sentence
	Reason  Reason    `json:"reason"`  // of the refusal, or of the Accept that would come of it
}

// EntryView is what the directory says of a person.
type EntryView struct {
	Directory string    `json:"directory"`
	DN        string    `json:"dn"`
	Login     string    `json:"login"`
	Domain    string    `json:"domain,omitempty"`
	UPN       string    `json:"upn,omitempty"`
	Mail      string    `json:"mail,omitempty"`
	Groups    []string  `json:"groups"`
	State     string    `json:"state"`   // "usable", "disabled", "expired", "locked"
	Lockout   string    `json:"lockout"` // the directory's policy and count, in words
	ReadAt    time.Time `json:"read_at"`
}

// Explain judges a person as Authenticate would, without anything they bring.
func (s *Service) Explain(ctx context.Context, actor Actor, req ExplainRequest) (Explanation, error) {
	if err := s.authorise(ctx, actor, actExplain, req.User); err != nil {
		return Explanation{}, err
	}
	if req.Client == nil {
		return Explanation{}, fmt.Errorf("no client to explain it for: %w", ErrInvalid)
	}
	who, err := s.resolve(ctx, req.User)
	if err != nil {
		return Explanation{}, lookupError(req.User, err)
	}
	a, h, err := s.standing(ctx, who.ID)
	if err != nil {
		return Explanation{}, err
	}
	return s.explain(req, who, a, h), nil
}

// standing reads an account and the head of the chain as of one moment.
func (s *Service) standing(ctx context.Context, id AccountID) (a Account, h head, err error) {
	_, err = s.update(WithReserve(ctx), func(w *work) error {
		a, err = w.account(id)
		var headErr error
		h, headErr = w.head()
		return errors.Join(err, headErr)
	})
	if err != nil {
		return a, h, fmt.Errorf("reading the account: %w", err)
	}
	return a, h, nil
}

func (s *Service) explain(req ExplainRequest, who Identity, a Account, h head) Explanation {
	now, trail := s.now(), &Trail{Steps: []string{}}
	c := &Case{
		Attempt: Attempt{Client: req.Client, Place: Place{NAS: req.NAS, Person: req.Person}, User: req.User, Trail: trail},
		Who:     who, Rules: s.current().rules,
	}
	need := c.judge(&a, h, now)
	outcome, why := c.limits(&a, need, now).sentence(need, need.sentence(c, now))
	return Explanation{
		Entry: who.entry(), User: s.view(a, who), Policy: trail.Steps, Outcome: outcome, Reason: why,
	}
}

func (l Lane) name() string {
	if l.Source == "" {
		return "unfamiliar places"
	}
	return l.Source
}

// sentence says what the need comes to.
func (n Need) sentence(c *Case, now time.Time) string {
	switch n.Factors {
	case PasswordAndCode:
		return "password and code"
	case CodeOnly:
		return "code alone: the client checks the password"
	case EnrolFirst:
		return "password, then enrolment by challenge"
	case PasswordOnly:
		return "password alone: " + n.waiver(c, now)
	}
	return "refused: " + n.Reason.Text()
}

// waiver says what makes the password enough.
func (n Need) waiver(c *Case, now time.Time) string {
	if i := c.exclusion(now); n.Reason == AcceptedExcluded && i >= 0 {
		return fmt.Sprintf("exclusion %d, %s", i+1, c.Rules.Exclusions[i].describe())
	}
	return n.Reason.Text()
}

var entryStates = [...]string{
	EntryUsable: "usable", EntryDisabled: "disabled", EntryExpired: "expired", EntryLocked: "locked",
}

func (who Identity) entry() EntryView {
	v := EntryView{
		Directory: who.Directory, DN: who.DN, Login: who.Login, Domain: who.Domain, UPN: who.UPN, Mail: who.Mail,
		Groups: []string{}, State: entryStates[who.State], Lockout: who.Lockout.describe(), ReadAt: who.ReadAt,
	}
	for _, g := range who.Groups {
		v.Groups = append(v.Groups, g.Name)
	}
	return v
}

func (l Lockout) describe() string {
	switch {
	case !l.Known:
		return "the directory tells no policy; throttle.password_failures applies"
	case l.Threshold == 0:
		return "the directory never locks; throttle.password_failures applies"
	}
	return fmt.Sprintf("locks after %d wrong passwords within %v; %d counted", l.Threshold, l.Window, l.Bad)
}
