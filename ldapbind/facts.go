package ldapbind

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// facts are what a directory tells about itself. Nothing is resolved before
// they are known, since without the directory's own id nobody has a key (I06).
type facts struct {
	id       [16]byte
	idFrom   string // where the id comes from, for doctor
	context  string // the naming context, where groups are searched
	netbios  string
	dnsRoot  string
	suffixes []string // the forest's, dnsRoot first
	lockout  lockoutPolicy
	ahead    time.Duration // how far the directory's clock is ahead of ours
}

// lockoutPolicy is the domain's, or that of a password settings object.
type lockoutPolicy struct {
	threshold        int
	window, duration time.Duration // duration 0: until somebody unlocks
}

func (d *directory) loadFacts(ctx context.Context) (*facts, error) {
	asked := d.Now()
	root, err := d.readOne(ctx, rootDSE("defaultNamingContext", "configurationNamingContext", "namingContexts", "currentTime"))
	if err != nil {
		return nil, fmt.Errorf("reading the rootDSE: %w", err)
	}
	f := &facts{context: d.namingContext(root)}
	if at, err := time.Parse("20060102150405.0Z", root.GetEqualFoldAttributeValue("currentTime")); err == nil {
		f.ahead = at.Sub(asked.Add(d.Now().Sub(asked) / 2))
	}
	if d.Kind == LDAP {
		return f, d.loadSuffix(ctx, f)
	}
	if f.context == "" {
		return nil, fmt.Errorf("base_dn %s is in none of the server's domains (%s)", d.BaseDN, root.GetEqualFoldAttributeValue("defaultNamingContext"))
	}
	if err := d.loadDomain(ctx, f); err != nil {
		return nil, err
	}
	return f, d.loadPartitions(ctx, f, root.GetEqualFoldAttributeValue("configurationNamingContext"))
}

// namingContext is the longest of the server's that holds the base DN.
func (d *directory) namingContext(root *ldap.Entry) string {
	candidates := root.GetEqualFoldAttributeValues("namingContexts")
	if d.Kind == AD {
		candidates = root.GetEqualFoldAttributeValues("defaultNamingContext")
	}
	best := ""
	for _, c := range candidates {
		if len(c) > len(best) && holds(c, d.BaseDN) {
			best = c
		}
	}
	return best
}

// holds tells whether dn is above, or is itself.
func holds(above, dn string) bool {
	a, errA := ldap.ParseDN(above)
	b, errB := ldap.ParseDN(dn)
	return errors.Join(errA, errB) == nil && (a.EqualFold(b) || a.AncestorOfFold(b))
}

// loadDomain reads the head of the domain: its GUID is the directory's id.
func (d *directory) loadDomain(ctx context.Context, f *facts) error {
	head, err := d.readOne(ctx, baseSearch(f.context, "objectGUID", "lockoutThreshold", "lockOutObservationWindow", "lockoutDuration"))
	if err != nil {
		return fmt.Errorf("reading the domain %s: %w", f.context, err)
	}
	if copy(f.id[:], head.GetEqualFoldAttributeValue("objectGUID")) != len(f.id) {
		return fmt.Errorf("reading the domain %s: its objectGUID is not readable", f.context)
	}
	f.idFrom = "objectGUID of " + f.context
	f.lockout, err = readPolicy(head, "lockoutThreshold", "lockOutObservationWindow", "lockoutDuration")
	return err
}

// readPolicy reads a lockout policy. Durations are negative counts of 100 ns.
func readPolicy(e *ldap.Entry, threshold, window, duration string) (p lockoutPolicy, err error) {
	if p.threshold, err = strconv.Atoi(e.GetEqualFoldAttributeValue(threshold)); err != nil {
		return p, fmt.Errorf("reading the lockout policy of %s: %s is not readable", e.DN, threshold)
	}
	if p.window, err = readInterval(e.GetEqualFoldAttributeValue(window)); err != nil {
		return p, fmt.Errorf("reading the lockout policy of %s: %s is not readable", e.DN, window)
	}
	if p.duration, err = readInterval(e.GetEqualFoldAttributeValue(duration)); err != nil {
		return p, fmt.Errorf("reading the lockout policy of %s: %s is not readable", e.DN, duration)
	}
	return p, nil
}

// readInterval: the least number of all means for ever, and becomes 0, like 0.
func readInterval(text string) (time.Duration, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n == -1<<63 {
		return 0, err
	}
	const longest = 365 * 24 * time.Hour
	if n < 0 {
		n = -n
	}
	return time.Duration(min(n, int64(longest/100))) * 100, nil
}

// loadPartitions reads how the domain is called and the forest's suffixes.
func (d *directory) loadPartitions(ctx context.Context, f *facts, configuration string) error {
	found, err := d.readAll(ctx, treeSearch(
		"CN=Partitions,"+configuration, anyOf(present("nETBIOSName"), present("uPNSuffixes")), 0,
		"nCName", "nETBIOSName", "dnsRoot", "uPNSuffixes"))
	if err != nil {
		return fmt.Errorf("reading the forest's partitions: %w", err)
	}
	var more []string
	for _, e := range found {
		if strings.EqualFold(e.GetEqualFoldAttributeValue("nCName"), f.context) {
			f.netbios, f.dnsRoot = e.GetEqualFoldAttributeValue("nETBIOSName"), e.GetEqualFoldAttributeValue("dnsRoot")
		}
		more = append(more, e.GetEqualFoldAttributeValues("uPNSuffixes")...)
	}
	if f.dnsRoot == "" {
		return fmt.Errorf("reading the forest's partitions: none is %s", f.context)
	}
	f.suffixes = append([]string{f.dnsRoot}, more...)
	return nil
}

// loadSuffix takes the id of the suffix entry, or a digest of its name where
// the server gives it none (FreeIPA).
func (d *directory) loadSuffix(ctx context.Context, f *facts) error {
	f.context = or(f.context, d.BaseDN)
	head, err := d.readOne(ctx, baseSearch(f.context, "entryUUID"))
	if err != nil && !errors.Is(err, errNoEntry) {
		return fmt.Errorf("reading the suffix %s: %w", f.context, err)
	}
	if err == nil {
		if text := head.GetEqualFoldAttributeValue("entryUUID"); text != "" {
			f.id, f.idFrom = idFromText(text), "entryUUID of "+f.context
			return nil
		}
	}
	dn, err := ldap.ParseDN(f.context)
	if err != nil {
		return fmt.Errorf("reading the suffix %s: %w", f.context, err)
	}
	f.id, f.idFrom = digest(strings.ToLower(dn.String())), "the name "+f.context
	return nil
}

// idFromText reads a UUID, and takes the digest of anything else.
func idFromText(text string) (id [16]byte) {
	hexed := strings.ReplaceAll(text, "-", "")
	if n, err := hex.Decode(id[:], []byte(hexed[:min(len(hexed), 32)])); err != nil || n != 16 || len(hexed) != 32 {
		return digest(text)
	}
	return id
}

func digest(text string) [16]byte {
	sum := sha256.Sum256([]byte(text))
	return [16]byte(sum[:16])
}
