package ldapbind

// ServerStats is how one server fares, for metrics and status pages.
type ServerStats struct {
	Directory, URL string
	Up             bool
	Trouble        string // why it is not up
	Binds          PoolStats
	Searches       PoolStats
}

// Stats lists the servers of all directories, in the order of the configuration.
func (ds *Directories) Stats() []ServerStats {
	var list []ServerStats
	for _, d := range ds.all {
		for _, s := range d.servers {
			list = append(list, s.stats(d.Name))
		}
	}
	return list
}

func (s *server) stats(directory string) ServerStats {
	health, why := s.state()
	st := ServerStats{
		Directory: directory, URL: s.url, Up: health == up,
		Binds: s.binds.stats(), Searches: s.searches.stats(),
	}
	if why != nil {
		st.Trouble = why.Error()
	}
	return st
}

// Ready tells whether every directory has been heard from and has a server
// that may be asked.
func (ds *Directories) Ready() bool {
	for _, d := range ds.all {
		if _, err := d.usable(); err != nil || d.known.Load() == nil {
			return false
		}
	}
	return true
}
