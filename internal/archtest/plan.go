package archtest

// Plan says who may import what. Paths are relative to the module; a path
// stands for everything below it, and the longest one that fits counts.
type Plan struct {
	Module    string
	Houses    map[string]House
	Libraries map[string][]string // library → houses that may use it in the product
	ForTests  []string            // libraries of tests
}

// House is one part of the product. Its packages may import each other.
type House struct {
	May     []string // houses it may import
	All     bool     // it may import every house and library: a program
	Test    bool     // it is for tests: others may import it from tests only
	Without []string // packages of the standard library it must do without
}

// Twofold is the plan of this repository.
var Twofold = Plan{
	Module: "twofold",
	Houses: map[string]House{
		"cmd":      {All: true},
		"core":     {May: []string{"core/otp"}, Without: outside},
		"core/otp": {Without: outside},
		"conf":     {},

		// Generators are programs: they touch files.
		"core/internal/gen": {May: []string{"core"}},
		"conf/internal/gen": {May: []string{"conf"}},

		"radius":    port(),
		"httpapi":   port("internal/importfile"),
		"ops":       port(),
		"portal":    port("internal/qr", "lang"),
		"ldapproxy": port(),
		"ldapbind":  port(),
		"notify":    port("lang"),
		"storage":   port(),
		"lang":      {},

		"internal/importfile": {May: []string{"core/otp"}},
		"internal/qr":         {},
		"internal/demodir":    {},

		"internal/lab":        {Test: true},
		"internal/archtest":   {Test: true},
		"internal/e2e":        {Test: true, All: true},
		"internal/invariants": {Test: true, All: true},
		"storage/storagetest": {Test: true, May: []string{"core", "storage"}},
		"bench":               {Test: true},
		"systemd":             {Test: true},
	},
	Libraries: map[string][]string{
		"github.com/boombuler/barcode":        {"internal/qr"},
		"github.com/cespare/xxhash/v2":        {"storage"},
		"github.com/coreos/go-systemd/v22":    {"cmd"},
		"github.com/dgraph-io/badger/v4":      {"storage"},
		"github.com/fxamacker/cbor/v2":        {"core"},
		"github.com/go-asn1-ber/asn1-ber":     {"ldapbind", "internal/demodir"},
		"github.com/go-ldap/ldap/v3":          {"ldapbind", "conf", "internal/demodir"},
		"github.com/pquerna/otp":              {"core/otp"},
		"github.com/prometheus/client_golang": {"ops"},
		"github.com/schollz/progressbar/v3":   {"cmd"},
		"github.com/urfave/cli/v2":            {"cmd"},
		"go.yaml.in/yaml/v3":                  {"conf"},
		"golang.org/x/net":                    {"httpapi", "ops"},
		"golang.org/x/sys":                    {"radius", "storage", "httpapi"},
		"golang.org/x/term":                   {"internal/qr"},
		"golang.org/x/text":                   {"core", "ldapbind"},
		"layeh.com/radius":                    {"radius"},
	},
	ForTests: []string{
		"github.com/google/go-cmp", "github.com/rogpeppe/go-internal",
		"go.uber.org/goleak", "pgregory.net/rapid",
	},
}

// outside is what core must leave to those who call it.
var outside = []string{"net", "net/http", "os", "os/exec", "os/signal", "io/fs", "log", "log/slog", "syscall"}

// port is a front-end or an adapter.
func port(helpers ...string) House {
	return House{May: append([]string{"core", "core/otp"}, helpers...)}
}
