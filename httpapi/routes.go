package httpapi

import (
	"net/http"
	"reflect"

	"twofold/core"
)

// access says who may come to a route at all. What an actor may do there is
// decided by core.
type access uint8

const (
	administrators access = iota // any actor; core refuses acts beyond the role
	application                  // POST /api/v1/auth: AdminNetworks do not apply
	public                       // everybody
)

// route is one method of one path. Its types are what the OpenAPI document is
// held against.
type route struct {
	method, path string
	access       access
	params       []string     // of the URL
	in, out      reflect.Type // JSON bodies; nil: none
	maxBody      int64
	serve        func(*Server, *exchange, *worker) error
}

// prefix is before every path.
const prefix = "/api/v1"

// none is the body of requests and answers that have none.
type none = struct{}

// call is what a handler gets.
type call struct {
	*exchange
	user string // of the path, where it has one
	q    *parameters
}

// with tells the router how to serve a method by fn: read the URL and the
// body, run fn, write what it gives.
func with[In, Out any](method, path string, fn func(*Server, *call, In) (Out, error), params ...string) route {
	r := route{
		method: method, path: prefix + path, params: params, maxBody: maxBody,
		in: typeOf[In](), out: typeOf[Out](),
	}
	r.serve = func(s *Server, e *exchange, _ *worker) error {
		c, err := e.call(params)
		if err != nil {
			return err
		}
		var in In
		if err := e.body(&in); err != nil {
			return err
		}
		out, err := fn(s, c, in)
		if err != nil {
			return err
		}
		e.answer(out)
		return nil
	}
	return r
}

// get is with for methods without a body.
func get[Out any](path string, fn func(*Server, *call) (Out, error), params ...string) route {
	return with(http.MethodGet, path, func(s *Server, c *call, _ none) (Out, error) { return fn(s, c) }, params...)
}

// stream is a route that writes its answer itself.
func stream(method, path string, fn func(*Server, *call) error, params ...string) route {
	r := route{method: method, path: prefix + path, params: params, maxBody: maxBody}
	r.serve = func(s *Server, e *exchange, _ *worker) error {
		c, err := e.call(params)
		if err != nil {
			return err
		}
		return fn(s, c)
	}
	return r
}

func typeOf[T any]() reflect.Type {
	if t := reflect.TypeFor[T](); t != reflect.TypeFor[none]() {
		return t
	}
	return nil
}

// call reads what the URL says.
func (e *exchange) call(params []string) (*call, error) {
	q, err := e.query(params)
	if err != nil {
		return nil, err
	}
	c := &call{exchange: e, q: &parameters{Values: q}}
	if e.r.PathValue("user") != "" {
		c.user, err = e.user()
	}
	return c, err
}

// answer writes out, or nothing.
func (e *exchange) answer(out any) {
	if _, empty := out.(none); empty {
		e.w.Header().Del("Content-Type")
		e.w.WriteHeader(http.StatusNoContent)
		return
	}
	e.write(http.StatusOK, out)
}

// routes are all there are.
func routes() []route {
	judge := with(http.MethodPost, "/auth", noJudge)
	judge.access, judge.serve = application, (*Server).judge
	document := stream(http.MethodGet, "/openapi.json", (*Server).openAPI)
	document.access = public
	importing := stream(http.MethodPost, "/tokens/import", (*Server).importTokens, "atomic")
	importing.maxBody, importing.out = maxImport, reflect.TypeFor[ImportMessage]()
	events := stream(http.MethodGet, "/events", (*Server).events, "since", "until", "user", "after", "limit", "follow")
	events.out = reflect.TypeFor[core.EventPage]()
	return []route{
		judge, document, importing, events,
		get("/users", (*Server).users, "query", "cursor", "limit"),
		get("/users/{user}", (*Server).showUser),
		get("/users/{user}/explain", (*Server).explain, "client", "from", "nas"),
		with(http.MethodPost, "/users/{user}/enrol", (*Server).enrol),
		with(http.MethodPost, "/users/{user}/reset", (*Server).reset),
		with(http.MethodPost, "/users/{user}/unlock", (*Server).unlock),
		with(http.MethodPost, "/users/{user}/block", (*Server).block),
		with(http.MethodPost, "/users/{user}/unblock", (*Server).unblock),
		with(http.MethodPost, "/users/{user}/temp-code", (*Server).tempCode),
		with(http.MethodPost, "/users/{user}/login", (*Server).login),
		get("/apikeys", (*Server).keys),
		with(http.MethodPost, "/apikeys", (*Server).createKey),
		with(http.MethodDelete, "/apikeys", (*Server).revokeNamedKey, "id"),
		with(http.MethodDelete, "/apikeys/{id}", (*Server).revokeKey),
		get("/events/verify", (*Server).verifyEvents),
		get("/status", (*Server).status),
		get("/doctor", (*Server).doctor),
	}
}

// noJudge stands for the types of POST /api/v1/auth, which Server.judge serves.
func noJudge(*Server, *call, AuthRequest) (AuthReply, error) { return AuthReply{}, errNoRoute }
