package httpapi

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// CertConfig says which certificate HTTPS shows.
type CertConfig struct {
	CertFile, KeyFile string           // PEM; both empty: a self-signed pair in StateDir
	StateDir          string           // where that pair is kept
	Hosts             []string         // names and addresses the self-signed one is for, beside this machine's own
	Now               func() time.Time // nil: time.Now
	Log               *slog.Logger     // nil: slog.Default
}

// Certificate is the one HTTPS shows. It is read again when its files change;
// files that cannot be used keep the one before.
type Certificate struct {
	cfg    CertConfig
	mu     sync.Mutex
	now    *tls.Certificate
	stamp  stamp
	looked time.Time
	fault  string // that was told last
}

// stamp tells whether files have changed.
type stamp struct{ cert, key fileStamp }

type fileStamp struct {
	changed time.Time
	size    int64
}

// lookEvery is how often the files are looked at, at most.
const lookEvery = 5 * time.Second

// LoadCertificate reads the pair, or makes it.
func LoadCertificate(cfg CertConfig) (*Certificate, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if (cfg.CertFile == "") != (cfg.KeyFile == "") {
		return nil, fmt.Errorf("http.cert_file and http.key_file go together (hint: set both or neither)")
	}
	if cfg.CertFile == "" {
		cfg.CertFile = filepath.Join(cfg.StateDir, "https.crt")
		cfg.KeyFile = filepath.Join(cfg.StateDir, "https.key")
		if err := keepSelfSigned(cfg); err != nil {
			return nil, err
		}
	}
	c := &Certificate{cfg: cfg}
	if err := c.load(); err != nil {
		return nil, err
	}
	return c, nil
}

// TLSConfig is how HTTPS is spoken: TLS 1.2 and later.
func (c *Certificate) TLSConfig() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		NextProtos:     []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current(), nil },
	}
}

// Leaf is the certificate itself, for those who watch its expiry.
func (c *Certificate) Leaf() *x509.Certificate { return c.current().Leaf }

// current gives the certificate, after a look at the files now and then.
func (c *Certificate) current() *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.cfg.Now(); now.Sub(c.looked) >= lookEvery || now.Before(c.looked) {
		c.looked = now
		c.reload()
	}
	return c.now
}

// reload says what is wrong once, not at every look.
func (c *Certificate) reload() {
	s, err := c.stampNow()
	if err == nil && s == c.stamp {
		return
	}
	if err == nil {
		err = c.load()
	}
	if err == nil {
		c.fault = ""
		return
	}
	c.stamp = s
	if c.fault != err.Error() {
		c.fault = err.Error()
		c.cfg.Log.Warn("the certificate's files have changed and cannot be used; the one before stays", "err", err)
	}
}

// load reads the pair. The stamp is taken first: a change meanwhile is seen
// next time.
func (c *Certificate) load() error {
	s, err := c.stampNow()
	if err != nil {
		return err
	}
	pair, err := tls.LoadX509KeyPair(c.cfg.CertFile, c.cfg.KeyFile)
	if err != nil {
		return fmt.Errorf("loading %s: %w (hint: certificate and key must be PEM and belong together)", c.cfg.CertFile, err)
	}
	c.now, c.stamp, c.looked = &pair, s, c.cfg.Now()
	return nil
}

func (c *Certificate) stampNow() (s stamp, err error) {
	if s.cert, err = stampOf(c.cfg.CertFile); err != nil {
		return s, err
	}
	s.key, err = stampOf(c.cfg.KeyFile)
	return s, err
}

func stampOf(path string) (fileStamp, error) {
	info, err := os.Stat(path)
	if err != nil {
		return fileStamp{}, fmt.Errorf("looking at the certificate's files: %w", err)
	}
	return fileStamp{info.ModTime(), info.Size()}, nil
}
