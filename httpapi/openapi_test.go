package httpapi

import (
	"encoding"
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"twofold/core"
)

// openAPI is what the tests read of the document.
type openAPI struct {
	Version    string                          `json:"openapi"`
	Paths      map[string]map[string]operation `json:"paths"`
	Components struct {
		Schemas         map[string]schema          `json:"schemas"`
		SecuritySchemes map[string]json.RawMessage `json:"securitySchemes"`
		Responses       map[string]response        `json:"responses"`
	} `json:"components"`
}

type operation struct {
	ID         string      `json:"operationId"`
	Summary    string      `json:"summary"`
	Roles      []core.Role `json:"x-roles"`
	Security   *[]any      `json:"security"`
	Parameters []struct {
		Name     string `json:"name"`
		In       string `json:"in"`
		Required bool   `json:"required"`
		Schema   schema `json:"schema"`
	} `json:"parameters"`
	Body *struct {
		Content map[string]media `json:"content"`
	} `json:"requestBody"`
	Responses map[string]response `json:"responses"`
}

type response struct {
	Ref     string           `json:"$ref"`
	Content map[string]media `json:"content"`
}

type media struct {
	Schema schema `json:"schema"`
}

type schema struct {
	Ref        string            `json:"$ref"`
	Type       string            `json:"type"`
	Format     string            `json:"format"`
	Encoding   string            `json:"contentEncoding"`
	Enum       []string          `json:"enum"`
	Properties map[string]schema `json:"properties"`
	Required   []string          `json:"required"`
	Items      *schema           `json:"items"`
	More       *bool             `json:"additionalProperties"`
}

func readDocument(t *testing.T) openAPI {
	t.Helper()
	var doc openAPI
	if err := json.Unmarshal(document, &doc); err != nil {
		t.Fatalf("reading openapi.json: %v", err)
	}
	return doc
}

func TestTheDocumentIsServedToEverybody(t *testing.T) {
	s := newSite(t, nil)
	a := s.send("GET", "/api/v1/openapi.json", "", "")
	var doc openAPI
	if a.into(t, &doc); a.status != 200 || doc.Version != "3.1.0" {
		t.Errorf("answers %d, version %q", a.status, doc.Version)
	}
}

func TestEveryRouteIsDocumentedAndNothingElse(t *testing.T) {
	doc := readDocument(t)
	var built, written []string
	for _, r := range routes() {
		built = append(built, r.method+" "+r.path)
	}
	for path, methods := range doc.Paths {
		for method := range methods {
			written = append(written, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(built)
	slices.Sort(written)
	if diff := cmp.Diff(built, written); diff != "" {
		t.Errorf("routes and document differ (-routes +document):\n%s", diff)
	}
}

var pathParameter = regexp.MustCompile(`\{(\w+)\}`)

func TestDocumentedParametersAndBodiesAreThoseOfTheHandlers(t *testing.T) {
	doc := readDocument(t)
	for _, r := range routes() {
		t.Run(r.method+" "+r.path, func(t *testing.T) {
			op := doc.Paths[r.path][strings.ToLower(r.method)]
			if op.ID == "" || op.Summary == "" || !strings.HasSuffix(op.Responses["default"].Ref, "/Problem") {
				t.Errorf("id %q, summary %q, or problems are missing", op.ID, op.Summary)
			}
			if open := op.Security != nil && len(*op.Security) == 0; open != (r.access == public) {
				t.Errorf("documented as public: %t", open)
			}
			checkParameters(t, r, op)
			checkBody(t, doc, r, op)
			checkAnswer(t, doc, r, op)
		})
	}
}

func checkParameters(t *testing.T, r route, op operation) {
	t.Helper()
	want := map[string]string{}
	for _, m := range pathParameter.FindAllStringSubmatch(r.path, -1) {
		want[m[1]] = "path"
	}
	for _, name := range r.params {
		want[name] = "query"
	}
	got := map[string]string{}
	for _, p := range op.Parameters {
		got[p.Name] = p.In
		if p.Schema.Type == "" || p.Required != (p.In == "path" || p.Name == "id") {
			t.Errorf("parameter %s has no type, or is wrongly called required or optional", p.Name)
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("parameters are %v, documented %v", want, got)
	}
}

func checkBody(t *testing.T, doc openAPI, r route, op operation) {
	t.Helper()
	switch {
	case strings.HasSuffix(r.path, "/tokens/import"):
		if op.Body == nil || len(op.Body.Content) != 2 || op.Body.Content["text/csv"].Schema.Type != "string" || op.Body.Content["text/plain"].Schema.Type != "string" {
			t.Errorf("body is documented as %+v", op.Body)
		}
	case r.in == nil:
		if op.Body != nil {
			t.Error("a body is documented that is not read")
		}
	case op.Body == nil || len(op.Body.Content) != 1:
		t.Error("the body is not documented")
	default:
		doc.match(t, "body", op.Body.Content["application/json"].Schema, r.in, true)
	}
}

func checkAnswer(t *testing.T, doc openAPI, r route, op operation) {
	t.Helper()
	if strings.HasSuffix(r.path, "/openapi.json") {
		return
	}
	if r.out == nil {
		if answer, ok := op.Responses["204"]; !ok || len(answer.Content) > 0 {
			t.Error("an answer without a body is not documented so")
		}
		return
	}
	kind := "application/json"
	if strings.HasSuffix(r.path, "/tokens/import") {
		kind = jsonLines
	}
	doc.match(t, "answer", op.Responses["200"].Content[kind].Schema, r.out, false)
}

// resolve follows a reference.
func (doc openAPI) resolve(s schema) schema {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		return doc.Components.Schemas[name]
	}
	return s
}

// match holds a schema against the type that is encoded or decoded.
func (doc openAPI) match(t *testing.T, where string, s schema, typ reflect.Type, request bool) {
	t.Helper()
	s = doc.resolve(s)
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	want := jsonTypeOf(typ)
	if s.Type != want.Type || s.Format != want.Format || s.Encoding != want.Encoding {
		t.Errorf("%s is a %s %s %s, documented as %s %s %s", where, want.Type, want.Format, want.Encoding, s.Type, s.Format, s.Encoding)
		return
	}
	switch s.Type {
	case "array":
		if s.Items == nil {
			t.Errorf("%s: items are not documented", where)
			return
		}
		doc.match(t, where+"[]", *s.Items, typ.Elem(), request)
	case "object":
		doc.matchFields(t, where, s, typ, request)
	}
}

func (doc openAPI) matchFields(t *testing.T, where string, s schema, typ reflect.Type, request bool) {
	t.Helper()
	fields, required := fieldsOf(typ)
	if got, want := slices.Sorted(maps.Keys(s.Properties)), slices.Sorted(maps.Keys(fields)); !slices.Equal(got, want) {
		t.Errorf("%s has fields %v, documented are %v", where, want, got)
		return
	}
	if got := slices.Sorted(slices.Values(s.Required)); !slices.Equal(got, required) {
		t.Errorf("%s always has %v, documented as required are %v", where, required, got)
	}
	if strict := s.More != nil && !*s.More; request && !strict {
		t.Errorf("%s refuses unknown fields, which is not documented", where)
	}
	for name, field := range fields {
		doc.match(t, where+"."+name, s.Properties[name], field, request)
	}
}

// fieldsOf gives a struct's JSON fields, and which of them always stand there.
func fieldsOf(typ reflect.Type) (fields map[string]reflect.Type, required []string) {
	fields = map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(typ) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		fields[name] = f.Type
		if !strings.HasPrefix(options, "omit") {
			required = append(required, name)
		}
	}
	if typ == reflect.TypeFor[core.Event]() { // its MarshalJSON adds two
		fields["name"], fields["text"] = reflect.TypeFor[string](), reflect.TypeFor[string]()
		required = append(required, "name", "text")
	}
	slices.Sort(required)
	return fields, required
}

// jsonTypeOf says how encoding/json writes a type.
func jsonTypeOf(typ reflect.Type) schema {
	switch {
	case typ == reflect.TypeFor[time.Time]():
		return schema{Type: "string", Format: "date-time"}
	case typ == reflect.TypeFor[[]byte]():
		return schema{Type: "string", Encoding: "base64"}
	case typ.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		return schema{Type: "string"}
	}
	switch typ.Kind() {
	case reflect.String:
		return schema{Type: "string"}
	case reflect.Bool:
		return schema{Type: "boolean"}
	case reflect.Float64:
		return schema{Type: "number"}
	case reflect.Slice:
		return schema{Type: "array"}
	case reflect.Struct:
		return schema{Type: "object"}
	}
	return schema{Type: "integer"}
}

func TestDocumentedNamesAreThoseOfTheProgram(t *testing.T) {
	doc := readDocument(t)
	for _, c := range []struct {
		schema, field string
		want          []string
	}{
		{"AuthReply", "result", []string{"accept", "reject", "challenge"}},
		{"AuthReply", "ask", []string{"code", "next-code", "enrol"}},
		{"LoginReply", "ask", []string{"code", "next-code", "enrol"}},
		{"KeyRequest", "role", []string{"admin", "helpdesk", "auditor", "application"}},
		{"UserView", "standing", []string{core.NeverEnrolled.String(), core.Enrolled.String(), core.Pending.String()}},
		{"Finding", "level", []string{string(OK), string(Warning), string(Fault)}},
	} {
		if got := doc.Components.Schemas[c.schema].Properties[c.field].Enum; !slices.Equal(got, c.want) {
			t.Errorf("%s.%s is one of %v, documented %v", c.schema, c.field, c.want, got)
		}
	}
	doc.match(t, "problem", doc.Components.Responses["Problem"].Content["application/problem+json"].Schema, reflect.TypeFor[Problem](), false)
}

func TestEveryKindOfProblemIsDocumented(t *testing.T) {
	text := string(document)
	for _, k := range append(slices.Clone(kinds), internal) {
		if !strings.Contains(text, "`"+k.name+"` ("+http.StatusText(k.status)) {
			t.Errorf("%s (%s) is not in the description of problems", k.name, http.StatusText(k.status))
		}
	}
}
