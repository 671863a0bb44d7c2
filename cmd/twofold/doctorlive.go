package main

import (
	"fmt"
	"time"

	"twofold/httpapi"
	"twofold/radius"
)

func (s *server) storeFindings() []httpapi.Finding {
	f := httpapi.Finding{Area: "store", Subject: s.present.Load().conf.StateDir, Level: httpapi.OK}
	if err := s.store.Healthy(); err != nil {
		f.Level, f.Text, f.Hint = httpapi.Fault, err.Error(), "the server's log says when it began; see the disk, then restart"
		return []httpapi.Finding{f}
	}
	st := s.store.Stats()
	f.Text = fmt.Sprintf("%s, newest commit took %v", plural(int(st.Records), "record"), st.LastCommit.Round(10*time.Microsecond))
	switch {
	case st.LastCommit > 100*time.Millisecond:
		f.Level, f.Hint = httpapi.Warning, "each Accept waits for a flush: use a faster disk"
	case !st.Verified:
		f.Text += "; reading every record once, as after each start, is under way"
	}
	return []httpapi.Finding{f}
}

func (s *server) listenFindings() (all []httpapi.Finding) {
	add := func(what, addr string) {
		if addr != "" {
			all = append(all, httpapi.Finding{Area: "port", Subject: what + " " + addr, Level: httpapi.OK, Text: "is listened on"})
		}
	}
	if s.radius != nil {
		for _, a := range s.radius.ReadyAddrs() {
			add("radius", a.String())
		}
	}
	add("https", s.addrs.https)
	add("ops", s.addrs.ops)
	return all
}

func (s *server) certificateFindings() []httpapi.Finding {
	cert := s.cert.Load()
	if cert == nil {
		return nil
	}
	return []httpapi.Finding{certificateFinding("https "+s.addrs.https, cert.Leaf(), s.present.Load().conf.HTTP.CertFile == "")}
}

// fresh is how long a dropped packet is worth a warning.
const fresh = 24 * time.Hour

// dropFindings tells whose packets got no answer, and what to do.
func (s *server) dropFindings() (all []httpapi.Finding) {
	if s.radius == nil {
		return []httpapi.Finding{{Area: "client", Level: httpapi.Warning, Text: "radius.listen is empty: no client is answered"}}
	}
	for _, d := range s.radius.DropStats() {
		if d.Reason == radius.Repeated || time.Since(d.Last) > fresh {
			continue
		}
		all = append(all, dropFinding(d))
	}
	if len(all) == 0 {
		all = append(all, httpapi.Finding{Area: "client", Level: httpapi.OK, Text: "no packet was dropped within a day"})
	}
	return all
}

func dropFinding(d radius.Drop) httpapi.Finding {
	name, source := d.Client, "many sources"
	if name == "" {
		name = "none"
	}
	if d.Source.IsValid() {
		source = d.Source.String()
	}
	return httpapi.Finding{Area: "client", Subject: name + " at " + source, Level: httpapi.Warning, Hint: d.Reason.Remedy(),
		Text: fmt.Sprintf("%s dropped (%s), the last %s", plural(int(d.Count), "packet"), d.Reason, clock(d.Last))}
}
