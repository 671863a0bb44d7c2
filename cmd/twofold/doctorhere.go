package main

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"twofold/conf"
	"twofold/httpapi"
	"twofold/storage"
)

// The store refuses ordinary writes below lowDisk; see storage.Config.
const (
	lowDisk  = 256 << 20
	thinDisk = 1 << 30
)

func diskFindings(cfg *conf.Config) []httpapi.Finding {
	f := httpapi.Finding{Area: "disk", Subject: cfg.StateDir, Level: httpapi.OK}
	info, err := os.Stat(cfg.StateDir)
	if errors.Is(err, fs.ErrNotExist) {
		f.Level, f.Text, f.Hint = httpapi.Warning, "is not there yet", "the first start of serve makes it"
		return []httpapi.Finding{f}
	}
	var disk unix.Statfs_t
	if err == nil {
		err = unix.Statfs(cfg.StateDir, &disk)
	}
	if err != nil {
		f.Level, f.Text = httpapi.Fault, err.Error()
		return []httpapi.Finding{f}
	}
	free := disk.Bavail * uint64(disk.Bsize)
	f.Text = fmt.Sprintf("%d MiB free", free>>20)
	switch {
	case free < lowDisk:
		f.Level, f.Hint = httpapi.Fault, "make room: below 256 MiB only logins are written, below 64 MiB nothing is"
	case free < thinDisk:
		f.Level, f.Hint = httpapi.Warning, "make room before it is less than 256 MiB"
	}
	return append([]httpapi.Finding{f}, modeFinding(cfg.StateDir, info)...)
}

// storeFileFindings tells what serve would refuse, and writes nothing.
func storeFileFindings(cfg *conf.Config) []httpapi.Finding {
	f := httpapi.Finding{Area: "store", Subject: cfg.StateDir, Level: httpapi.OK, Text: "nothing is wrong with its files"}
	err := storage.Inspect(buildStorage(cfg, false, false, nil))
	var fault *storage.Fault
	switch {
	case errors.Is(err, fs.ErrPermission):
		f.Level, f.Text, f.Hint = httpapi.Warning, err.Error(), "run doctor as root, or as the user that serve runs as"
	case errors.As(err, &fault):
		f.Level, f.Text, f.Hint = httpapi.Fault, fault.Cause(), fault.Hint
	case err != nil:
		f.Level, f.Text = httpapi.Fault, err.Error()
	}
	return []httpapi.Finding{f}
}

func modeFinding(dir string, info fs.FileInfo) []httpapi.Finding {
	if info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	return []httpapi.Finding{{Area: "store", Subject: dir, Level: httpapi.Warning,
		Text: fmt.Sprintf("others may enter it (mode %#o)", info.Mode().Perm()), Hint: "chmod 0700 " + dir}}
}

// portFindings tries the ports that serve would listen on.
func portFindings(cfg *conf.Config) (all []httpapi.Finding) {
	for _, a := range cfg.RADIUS.Listen {
		all = append(all, portFinding("radius", a.String(), func() error {
			c, err := net.ListenPacket("udp", a.String())
			if err == nil {
				err = c.Close()
			}
			return err
		}))
	}
	for what, a := range map[string]string{"https": cfg.HTTP.Listen.String(), "ops": cfg.Ops.Listen.String()} {
		if a == "invalid AddrPort" {
			continue
		}
		all = append(all, portFinding(what, a, func() error {
			l, err := net.Listen("tcp", a)
			if err == nil {
				err = l.Close()
			}
			return err
		}))
	}
	return all
}

func portFinding(what, addr string, try func() error) httpapi.Finding {
	f := httpapi.Finding{Area: "port", Subject: what + " " + addr, Level: httpapi.OK, Text: "is free"}
	if err := try(); err != nil {
		f.Level, f.Text = httpapi.Fault, err.Error()
		f.Hint = "see `ss -lnp` for who has it, or choose another address"
	}
	return f
}

// fileCertificateFindings reads the certificate that HTTPS would show.
func fileCertificateFindings(cfg *conf.Config) []httpapi.Finding {
	path, own := cfg.HTTP.CertFile, false
	if path == "" {
		path, own = filepath.Join(cfg.StateDir, "https.crt"), true
	}
	if !cfg.HTTP.Listen.IsValid() {
		return nil
	}
	f := httpapi.Finding{Area: "certificate", Subject: path, Level: httpapi.OK}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && own {
		f.Text = "is not there yet; serve makes a self-signed one"
		return []httpapi.Finding{f}
	}
	block, _ := pem.Decode(text)
	if err == nil && block == nil {
		err = errors.New("holds no PEM")
	}
	var cert *x509.Certificate
	if err == nil {
		cert, err = x509.ParseCertificate(block.Bytes)
	}
	if err != nil {
		f.Level, f.Text = httpapi.Fault, err.Error()
		return []httpapi.Finding{f}
	}
	return []httpapi.Finding{certificateFinding(path, cert, own)}
}

func certificateFinding(subject string, cert *x509.Certificate, own bool) httpapi.Finding {
	f := httpapi.Finding{Area: "certificate", Subject: subject, Level: httpapi.OK,
		Text: "good until " + cert.NotAfter.Format(time.DateOnly)}
	if own {
		f.Text += ", self-signed: browsers will warn"
	}
	left := time.Until(cert.NotAfter)
	switch {
	case left <= 0 || time.Now().Before(cert.NotBefore):
		f.Level, f.Text, f.Hint = httpapi.Fault, "is not valid today: it is good from "+cert.NotBefore.Format(time.DateOnly)+" until "+cert.NotAfter.Format(time.DateOnly), "renew it"
	case left < 30*24*time.Hour && !own:
		f.Level, f.Hint = httpapi.Warning, "renew it; the files are read again by themselves"
	}
	if own && f.Level == httpapi.Fault {
		f.Hint = "restart: serve makes another one"
	}
	return f
}
