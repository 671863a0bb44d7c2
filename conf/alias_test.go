package conf

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestI12_AliasBombsAreRefusedQuickly(t *testing.T) {
	names := strings.Repeat("x,", 9999) + "x"
	wide := fmt.Sprintf("exclusions:\n- {users: &u [%s], groups: []}\n", names) + strings.Repeat("- {users: *u}\n", 900)
	deep := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'z'; c++ {
		deep += fmt.Sprintf("%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n", c, c, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1)
	}
	for name, text := range map[string]string{
		"wide": wide, "deep": deep + "directories: *y\n", "endless": "directories: &d [*d]\n", "endless mapping": "otp: &o {digits: *o}\n",
		"nested": strings.Repeat("[", 200_000), "nested mapping": strings.Repeat("{a: ", 200_000),
	} {
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			_, _, faults := loadIn(t, folder(t), text)
			if len(faults) == 0 || time.Since(begin) > 20*time.Second {
				t.Errorf("%d faults after %s", len(faults), time.Since(begin))
			}
		})
	}
}

func TestAliasesBeyondTheLimitAreTheirOwnFault(t *testing.T) {
	text := base + "exclusions:\n- {users: &u [" + strings.Repeat("x,", 9999) + "x], reason: r}\n" + strings.Repeat("- {users: *u, reason: r}\n", 10)
	_, _, faults := loadIn(t, folder(t), text)
	var got []string
	for _, f := range faults {
		if strings.Contains(f, "values") {
			got = append(got, f)
		}
	}
	if diff := cmp.Diff([]string{`23: holds more than 100000 values (use fewer aliases)`}, got); diff != "" {
		t.Error(diff)
	}
}
