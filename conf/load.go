package conf

import "errors"

// Load reads, checks and completes the file at path.
func Load(path string) (*Config, Warnings, error) {
	return nil, nil, errors.New("loading configuration: not there yet")
}

// Warnings are remarks that do not stop a configuration from being used.
type Warnings []Fault

// Faults are all that is wrong with a configuration, sorted by line.
type Faults []Fault

// Fault is one thing that is wrong, at one place. It never holds a secret.
type Fault struct {
	File    string
	Line    int
	Column  int
	Key     string
	Message string
	Hint    string
}
