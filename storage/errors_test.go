package storage

import (
	"errors"
	"runtime"
	"strings"
	"testing"
)

func TestI10_APanicTellsNoValueThatMayBeSecret(t *testing.T) {
	for _, v := range []any{errors.New("sesame"), struct{ Password string }{"sesame"}} {
		if text := (&PanicError{Value: v}).Error(); strings.Contains(text, "sesame") {
			t.Errorf("the error says %q", text)
		}
	}
	for _, v := range []any{"sesame", runtime.Error(new(runtime.TypeAssertionError))} {
		if text := (&PanicError{Value: v}).Error(); !strings.Contains(text, ": ") {
			t.Errorf("the error says only %q", text)
		}
	}
}

func TestAFaultLeadsToItsKindAndItsCause(t *testing.T) {
	cause := errors.New("cause")
	f := &Fault{Kind: ErrBroken, What: "it does not open", Hint: "restore a backup", Err: cause}
	if !errors.Is(f, ErrBroken) || !errors.Is(f, cause) || errors.Is(f, ErrLost) {
		t.Error("a fault is not what it is")
	}
	if got, want := f.Error(), "it does not open: cause; restore a backup"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
}
