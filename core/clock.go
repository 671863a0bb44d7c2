package core

import "time"

// newest remembers the newest step consumed anywhere, for the clock rule.
func (w *work) newest(v Verdict) error {
	if v.next != toAdmit {
		return nil
	}
	h, err := w.head()
	if err != nil {
		return err
	}
	if w.now.After(h.Step) {
		h.Step = w.now
		w.Put(&h)
	}
	return nil
}

// clockBehind tells whether time ran back by more than the window since the
// newest Accept: old codes would be taken again.
func (r *Rules) clockBehind(h head, now time.Time) bool {
	return now.Add(time.Duration(r.OTP.Window) * r.OTP.Period).Before(h.Step)
}
