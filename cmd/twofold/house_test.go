package main

import (
	"os"
	"regexp"
	"testing"
	"time"
)

// What attend does is not told to the watchdog while it lasts: at worst the
// watchdog hears after half its time and one round of housekeeping.
func TestHousekeepingEndsBeforeTheWatchdogBites(t *testing.T) {
	unit, err := os.ReadFile("../../systemd/twofold.service")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^WatchdogSec=(.+)$`).FindSubmatch(unit)
	if m == nil {
		t.Fatal("the unit has no watchdog")
	}
	bites, err := time.ParseDuration(string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	if bites/2+houseWithin >= bites {
		t.Errorf("housekeeping may take %v, and the watchdog bites after %v", houseWithin, bites)
	}
}
