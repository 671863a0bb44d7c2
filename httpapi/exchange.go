package httpapi

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"path"
	"runtime"
	"runtime/debug"
	"time"

	"twofold/core"
)

// exchange is one request on its way through.
type exchange struct {
	w     *recorder
	r     *http.Request
	id    string
	hall  hall       // behind the door it came by
	peer  netip.Addr // the caller's address; zero over the socket
	actor core.Actor
	still func() error // asks again whether the caller may come in
	log   *slog.Logger
}

// recorder remembers what was answered, for the log and the metrics.
type recorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader keeps the status.
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write answers 200 where nothing else was said.
func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController through.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// door is one way in.
type door struct {
	*Server
	hall
	who    func(e *exchange) (core.Actor, error)
	remote bool // callers have addresses, and AdminNetworks applies
}

// ServeHTTP answers one request.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began, id := d.cfg.Now(), newID()
	e := &exchange{w: &recorder{ResponseWriter: w}, r: r, id: id, hall: d.hall, log: d.cfg.Log.With("request", id)}
	if d.remote {
		e.peer = d.cfg.Reach().peer(r)
	}
	e.headers()
	found, err := d.routes.find(r)
	defer func() {
		took := d.cfg.Now().Sub(began)
		d.cfg.Observe(found.pattern, r.Method, e.w.status, took)
		e.log.Debug("request", "method", r.Method, "route", found.pattern, "status", e.w.status, "actor", e.actor.Name, "peer", e.peer, "took", took)
	}()
	defer e.recover()
	if err == nil {
		err = d.admit(e, found)
	}
	if err != nil {
		if len(found.allow) > 0 {
			w.Header().Set("Allow", found.allow)
		}
		e.fail(err)
	}
}

// headers are those of every answer.
func (e *exchange) headers() {
	h := e.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Request-Id", e.id)
}

// recover answers for a handler that panicked; the others go on.
func (e *exchange) recover() {
	p := recover()
	switch {
	case p == nil:
	case p == http.ErrAbortHandler:
		panic(p)
	case e.w.status != 0:
		e.log.Error("handler panicked after it began to answer", "panic", panicText(p), "stack", string(debug.Stack()))
		panic(http.ErrAbortHandler)
	default:
		e.log.Error("handler panicked", "panic", panicText(p), "stack", string(debug.Stack()))
		e.fail(fmt.Errorf("handler panicked: %s", panicText(p)))
	}
}

// panicText gives the value of a panic if it is the runtime's or a text in the
// source. Others may hold what nobody should read (I10): of them, the type.
func panicText(p any) string {
	switch p.(type) {
	case runtime.Error, string:
		return fmt.Sprint(p)
	}
	return fmt.Sprintf("%T", p)
}

// admit runs the request, if there is room for it and the caller is somebody.
// Public routes are for everybody, and take no place from those who are.
func (d *door) admit(e *exchange, found match) error {
	if found.route.access == public {
		return d.admitPublic(e, found)
	}
	if !d.requests.enter() {
		return errBusy
	}
	defer d.requests.leave()
	if !d.workers.enter() {
		return errBusy
	}
	worker := &worker{gate: d.workers}
	defer worker.done()
	actor, err := d.who(e)
	if err != nil {
		return err
	}
	e.actor = actor
	e.still = func() error { _, err := d.who(e); return err }
	if err := d.reach(e, found.route); err != nil {
		return err
	}
	e.r.Body = http.MaxBytesReader(e.w, e.r.Body, found.route.maxBody)
	return found.route.serve(d.Server, e, worker)
}

func (d *door) admitPublic(e *exchange, found match) error {
	if !d.public.enter() {
		return errBusy
	}
	defer d.public.leave()
	e.r.Body = http.MaxBytesReader(e.w, e.r.Body, found.route.maxBody)
	return found.route.serve(d.Server, e, nil)
}

// reach refuses administrators who come from elsewhere than they may.
func (d *door) reach(e *exchange, r route) error {
	networks := d.cfg.Reach().AdminNetworks
	if !d.remote || r.access == application || len(networks) == 0 || holds(networks, e.peer) {
		return nil
	}
	return fmt.Errorf("http.admin_networks does not hold your address %s: %w", e.peer, core.ErrForbidden)
}

// worker is a place among those working, which is given back once: at the
// end, or as soon as there is only waiting left to do.
type worker struct {
	gate gate
	gone bool
}

func (w *worker) done() {
	if !w.gone {
		w.gone = true
		w.gate.leave()
	}
}

// allow gives a long answer more time than others have.
func (e *exchange) allow(d time.Duration) error {
	c := http.NewResponseController(e.w)
	deadline := time.Now().Add(d)
	if err := c.SetReadDeadline(deadline); err != nil {
		return fmt.Errorf("extending the time to read: %w", err)
	}
	if err := c.SetWriteDeadline(deadline); err != nil {
		return fmt.Errorf("extending the time to write: %w", err)
	}
	return nil
}

// table finds routes.
type table struct {
	mux   *http.ServeMux
	paths map[string]map[string]route // by pattern, then method
	allow map[string]string
}

// match is what was found for a request.
type match struct {
	pattern string // "none" where there is no such path
	route   route
	allow   string
}

func newTable(routes []route) *table {
	t := &table{mux: http.NewServeMux(), paths: map[string]map[string]route{}, allow: map[string]string{}}
	for _, r := range routes {
		if t.paths[r.path] == nil {
			t.paths[r.path] = map[string]route{}
			t.mux.Handle(r.path, capture{})
		}
		t.paths[r.path][r.method] = r
		if t.allow[r.path] != "" {
			t.allow[r.path] += ", "
		}
		t.allow[r.path] += r.method
	}
	return t
}

// capture stands in the mux for a pattern: the mux fills the request's path
// values only when it calls a handler.
type capture struct{}

func (capture) ServeHTTP(http.ResponseWriter, *http.Request) {}

// find takes the path as it was sent: an unclean one has no route, where the
// mux alone would redirect.
func (t *table) find(r *http.Request) (match, error) {
	none := match{pattern: "none"}
	if sent := r.URL.EscapedPath(); sent == "" || path.Clean(sent) != sent {
		return none, errNoRoute
	}
	_, pattern := t.mux.Handler(r)
	methods, ok := t.paths[pattern]
	if !ok {
		return none, errNoRoute
	}
	found, ok := methods[r.Method]
	if !ok {
		return match{pattern: pattern, allow: t.allow[pattern]}, errMethod
	}
	t.mux.ServeHTTP(nil, r) // fills r.PathValue
	return match{pattern: pattern, route: found}, nil
}
