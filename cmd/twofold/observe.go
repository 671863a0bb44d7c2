package main

import (
	"time"

	"twofold/core"
	"twofold/ldapbind"
	"twofold/ops"
	"twofold/radius"
)

func (s *server) observeRADIUS(o radius.Observed) {
	s.metrics.Attempt("radius", o.Client, o.Result, o.Reason, o.Took)
	if o.Result == core.Challenge { // whose first legs leave no event, and so no line of their own
		s.log.Debug("challenge", "id", o.Reason.String(), "why", o.Reason.Name(), "client", o.Client)
	}
}

func (s *server) observeHTTP(client string, d core.Decision, took time.Duration) {
	s.metrics.Attempt("http", client, d.Result, d.Reason, took)
}

// observe adds the measures that are read when somebody asks.
func (s *server) observe(now *snapshot) {
	s.nameLabels(now)
	s.observeStore()
	s.observeDirectory()
	if s.radius != nil {
		s.observePackets()
	}
}

// nameLabels tells the metrics which names there are.
func (s *server) nameLabels(now *snapshot) {
	clients := []string{now.api.Name}
	for name := range now.clients {
		clients = append(clients, name)
	}
	var directories []string
	for _, d := range now.conf.Directories {
		directories = append(directories, d.Name)
	}
	s.metrics.SetClients(clients)
	s.metrics.SetDirectories(directories)
}

func (s *server) observeStore() {
	m, st := s.metrics, s.store.Stats
	m.Gauges("store_queue", "Transactions waiting for their turn.", nil, func(set ops.Set) { set(float64(st().Queue)) })
	m.Gauges("store_records", "Records in the store.", nil, func(set ops.Set) { set(float64(st().Records)) })
	m.Gauges("store_free_bytes", "Free space on the store's disk.", nil, func(set ops.Set) { set(float64(st().Free)) })
	m.Gauges("store_last_commit_seconds", "How long the newest commit took.", nil, func(set ops.Set) { set(st().LastCommit.Seconds()) })
	m.Counts("store_commits_total", "Commits, each one flush to the disk.", nil, func(set ops.Set) { set(float64(st().Commits)) })
	m.Counts("store_transactions_total", "Transactions that were ordered.", nil, func(set ops.Set) { set(float64(st().Updates)) })
}

func (s *server) observeDirectory() {
	s.metrics.Gauges("directory_server_up", "Whether a directory server may be asked.", []string{"directory", "url"}, func(set ops.Set) {
		for _, one := range s.directory.Stats() {
			set(map[bool]float64{true: 1}[one.Up], one.Directory, one.URL)
		}
	})
	s.metrics.Gauges("directory_connections", "Connections to directory servers, and callers that wait for one.", []string{"directory", "url", "pool", "state"}, func(set ops.Set) {
		for _, one := range s.directory.Stats() {
			for pool, p := range map[string]ldapbind.PoolStats{"bind": one.Binds, "search": one.Searches} {
				set(float64(p.InUse), one.Directory, one.URL, pool, "in_use")
				set(float64(p.Idle), one.Directory, one.URL, pool, "idle")
				set(float64(p.Waiting), one.Directory, one.URL, pool, "waiting")
			}
		}
	})
}

func (s *server) observePackets() {
	m, st := s.metrics, s.radius.Stats
	m.Counts("radius_received_total", "Datagrams received.", nil, func(set ops.Set) { set(float64(st().Received)) })
	m.Counts("radius_replies_total", "Replies sent, for the first time and again for a retransmission.", []string{"sent"}, func(set ops.Set) {
		set(float64(st().Answered), "first")
		set(float64(st().Resent), "again")
	})
	m.Counts("radius_dropped_total", "Packets not answered, by client and why.", []string{"client", "why"}, func(set ops.Set) {
		for _, d := range s.radius.DropStats() {
			set(float64(d.Count), d.Client, d.Reason.String())
		}
	})
	m.Gauges("radius_in_hand", "Requests waiting or being judged.", nil, func(set ops.Set) { set(float64(st().InHand)) })
	m.Gauges("radius_delayed", "Refusals held back until their time.", nil, func(set ops.Set) { set(float64(st().Delayed)) })
	m.Gauges("radius_remembered_bytes", "Replies remembered for retransmissions.", nil, func(set ops.Set) { set(float64(st().ReplySize)) })
}
