package httpapi

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"sync"
	"time"

	"twofold/core"
)

// Config is what a Server needs. Funcs are asked at each request, so that a
// reload shows at once.
type Config struct {
	Core *core.Service

	// APIClient gives the rules of logins by POST /api/v1/auth.
	APIClient func() *core.Client
	// Client finds a client's rules by its name, for login and explain; nil
	// where there is none. The empty name is the site's choice of a default.
	Client func(name string) *core.Client
	// Reach bounds from where administrators may come; nil: from everywhere.
	Reach func() Reach
	// Doctor examines the running system; nil: there is none to ask.
	Doctor func(ctx context.Context) []Finding
	// Observe is told of every finished request; route is its pattern. Attempt
	// is told of every judged login. Both may be nil, and must not block.
	Observe func(route, method string, status int, took time.Duration)
	Attempt func(client string, d core.Decision, took time.Duration)

	// AllowUIDs and AllowGIDs are let in at the admin socket beside root and
	// the server's own user.
	AllowUIDs, AllowGIDs []uint32

	Version   string           // of the program, for status
	Requests  int              // at once at each door, waiting ones too; 0: 4096
	Workers   int              // requests being worked on at each door; 0: 256
	Followers int              // streams of events at each door; 0: 16
	Now       func() time.Time // nil: time.Now
	Log       *slog.Logger     // nil: slog.Default
}

// Reach bounds who may come from where over HTTPS.
type Reach struct {
	AdminNetworks  []netip.Prefix // for everything but POST /api/v1/auth; empty: everywhere
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed
}

// Server answers requests. Socket and API are its two doors.
type Server struct {
	cfg       Config
	routes    *table
	badKeys   *badKeys
	local     hall // of the admin socket: whoever fills the other leaves it free
	remote    hall
	public    gate // of answers that are for everybody: strangers read them, slowly if they like
	importing gate
	verifying gate
	doubtful  gate // keys looked at although too many unknown ones came from there
	started   time.Time
	news      news
	closing   chan struct{}
	close     func()
}

// New makes a Server; it listens to nothing yet.
func New(cfg Config) *Server {
	cfg = cfg.withDefaults()
	s := &Server{
		cfg: cfg, routes: newTable(routes()), badKeys: newBadKeys(cfg.Now), started: cfg.Now(),
		local: newHall(cfg), remote: newHall(cfg), public: make(gate, maxPublic),
		importing: make(gate, 1), verifying: make(gate, maxVerifying), doubtful: make(gate, 1),
		closing: make(chan struct{}),
	}
	s.close = sync.OnceFunc(func() { close(s.closing) })
	return s
}

func (cfg Config) withDefaults() Config {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Reach == nil {
		cfg.Reach = func() Reach { return Reach{} }
	}
	if cfg.Observe == nil {
		cfg.Observe = func(string, string, int, time.Duration) {}
	}
	if cfg.Attempt == nil {
		cfg.Attempt = func(string, core.Decision, time.Duration) {}
	}
	for bound, standard := range map[*int]int{&cfg.Requests: 4096, &cfg.Workers: 256, &cfg.Followers: 16} {
		if *bound <= 0 {
			*bound = standard
		}
	}
	return cfg
}

// Socket is the door of the admin socket. Its connections must come through
// ServeSocket, which reads the peer's credentials.
func (s *Server) Socket() http.Handler { return &door{Server: s, hall: s.local, who: s.bySocket} }

// API is the door for API keys. It serves paths below /api/v1/ and can be
// mounted there beside others.
func (s *Server) API() http.Handler {
	return &door{Server: s, hall: s.remote, who: s.byKey, remote: true}
}

// maxPublic bounds answers to everybody that are being written, maxVerifying
// walks over the whole audit log.
const (
	maxPublic    = 16
	maxVerifying = 2
)

// hall is the room behind a door.
type hall struct {
	requests  gate
	workers   gate
	followers gate
}

func newHall(cfg Config) hall {
	return hall{make(gate, cfg.Requests), make(gate, cfg.Workers), make(gate, cfg.Followers)}
}

// gate lets so many through at once.
type gate chan struct{}

func (g gate) enter() bool {
	select {
	case g <- struct{}{}:
		return true
	default:
		return false
	}
}

func (g gate) leave() { <-g }

// newID names a request, and the attempt it may be.
func newID() string { return rand.Text() }

// ownUser is the user the server runs as.
func ownUser() uint32 { return uint32(os.Geteuid()) }
