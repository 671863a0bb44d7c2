package core

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// key makes an API key.
func (o *office) key(role Role) (string, APIKey) {
	o.t.Helper()
	secret, key, err := o.CreateKey(ctx, root, role, "phone")
	if err != nil {
		o.t.Fatal(err)
	}
	return secret, key
}

func TestAKeyMakesItsHolderAnActor(t *testing.T) {
	o := newOffice(t)
	for _, role := range []Role{Application, Auditor, Helpdesk, Admin} {
		secret, key := o.key(role)
		actor := ok[Actor](t)(o.KeyActor(ctx, secret))
		if actor.Role != role || actor.Name != "key "+key.ID+" (phone)" {
			t.Errorf("%+v", actor)
		}
		if e := o.last(); e.Reason != KeyCreated || e.Detail != "key "+key.ID+", "+role.String()+", phone" {
			t.Errorf("event %+v", e)
		}
	}
	if n := len(ok[[]APIKey](t)(o.Keys(ctx, auditor))); n != 4 {
		t.Errorf("%d keys are listed", n)
	}
}

func TestI13_NothingButTheWholeKeyIsTaken(t *testing.T) {
	o := newOffice(t)
	secret, key := o.key(Admin)
	_, other := o.key(Admin)
	last := secret[len(secret)-1]
	for what, wrong := range map[string]string{
		"nothing":                "",
		"its id":                 key.ID,
		"a part":                 secret[:len(secret)-1],
		"more":                   secret + "0",
		"another end":            secret[:len(secret)-1] + string(last^1),
		"another id":             strings.Replace(secret, key.ID, other.ID, 1),
		"an id that nobody has":  strings.Replace(secret, key.ID, "00000000", 1),
		"other case":             strings.ToUpper(secret),
		"a space":                " " + secret,
		"the hash":               "tf_" + key.ID + "_" + string(hashKey(secret)),
		"an id with a NUL in it": "tf_\x00\x00\x00\x00\x00\x00\x00\x00" + secret[11:],
	} {
		if actor, err := o.KeyActor(ctx, wrong); !errors.Is(err, ErrBadKey) || actor != (Actor{}) {
			t.Errorf("%s makes %+v, %v", what, actor, err)
		}
	}
}

func TestARevokedKeyEndsAtOnce(t *testing.T) {
	o := newOffice(t)
	secret, key := o.key(Helpdesk)
	if err := o.RevokeKey(ctx, root, key.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := o.KeyActor(ctx, secret); !errors.Is(err, ErrBadKey) {
		t.Errorf("it is still taken: %v", err)
	}
	if o.last().Reason != KeyRevoked {
		t.Errorf("event %v", o.last().Reason.Name())
	}
	for _, id := range []string{key.ID, "", "00000000", strings.Repeat("x", 500)} {
		if err := o.RevokeKey(ctx, root, id); !errors.Is(err, ErrBadKey) {
			t.Errorf("revoking %.10q: %v", id, err)
		}
	}
}

func TestI10_AKeyIsStoredAsAHash(t *testing.T) {
	o := newOffice(t)
	secret, key := o.key(Admin)
	_, tail, _ := strings.Cut(secret[3:], "_")
	for at, b := range o.shelf.records {
		if strings.Contains(at+string(b), tail) {
			t.Errorf("the key %s stands in a record", key.ID)
		}
	}
}

func TestI07_ADamagedKeyIsRefusedAndCanBeRevoked(t *testing.T) {
	o := newOffice(t)
	secret, key := o.key(Admin)
	o.shelf.records[string(kindKey)+"\x00"+key.ID] = []byte{0xff}
	if actor, err := o.KeyActor(ctx, secret); !errors.Is(err, ErrDamaged) || actor.Role != NoRole {
		t.Errorf("%+v, %v", actor, err)
	}
	if err := o.RevokeKey(ctx, root, key.ID); err != nil {
		t.Error(err)
	}
}

func TestTheLastUseOfAKeyIsKnownToTheHour(t *testing.T) {
	o := newOffice(t)
	secret, _ := o.key(Application)
	writes := o.shelf.writes
	for range 100 {
		o.wait(time.Second)
		ok[Actor](t)(o.KeyActor(ctx, secret))
	}
	if n := o.shelf.writes - writes; n != 1 {
		t.Errorf("100 uses cost %d writes", n)
	}
	o.wait(time.Hour)
	ok[Actor](t)(o.KeyActor(ctx, secret))
	keys := ok[[]APIKey](t)(o.Keys(ctx, root))
	if since := o.time().Sub(keys[0].LastUsed); since > time.Second {
		t.Errorf("last used %v ago", since)
	}
}

func TestAKeyServesWhileTheStoreTakesNoWrites(t *testing.T) {
	o := newOffice(t)
	secret, _ := o.key(Auditor)
	o.shelf.fill = true
	if actor := ok[Actor](t)(o.KeyActor(ctx, secret)); actor.Role != Auditor {
		t.Errorf("%+v", actor)
	}
}

func TestNoKeyIsMadeWithoutARole(t *testing.T) {
	o := newOffice(t)
	for _, role := range []Role{NoRole, Admin + 1} {
		if _, _, err := o.CreateKey(ctx, root, role, ""); !errors.Is(err, ErrInvalid) {
			t.Errorf("%v: %v", role, err)
		}
	}
	if _, _, err := o.CreateKey(ctx, root, Admin, strings.Repeat("x", maxNote+1)); !errors.Is(err, ErrInvalid) {
		t.Errorf("an endless note: %v", err)
	}
}

func TestI12_KeysAreBounded(t *testing.T) {
	o := newOffice(t)
	for range maxKeys {
		o.key(Application)
	}
	if _, _, err := o.CreateKey(ctx, root, Application, ""); !errors.Is(err, ErrConflict) {
		t.Errorf("got %v", err)
	}
}

func TestTheKeyBeforeIsTheGreatestBelow(t *testing.T) {
	for key, want := range map[string]string{"b": "a", "b\x00": "a\xff", "b\x00\x00": "a\xff\xff", "ab": "aa"} {
		if got := before(key); got != want {
			t.Errorf("before %q is %q, want %q", key, got, want)
		}
	}
}
