package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"twofold": main})
}

// The scripts in testdata say what each command does, and are run as they
// stand. The commands they use beside testscript's own:
//
//	site                   starts the demo's directory and writes twofold.yaml
//	server start|stop|kill|reload [flags]
//	                       runs `twofold serve`; start waits until it is ready,
//	                       reload until it has said what came of SIGHUP
//	code FILE STEP NAME    puts a code of the token that FILE, printed by
//	                       `user enrol --json`, is of into the variable NAME
//	radius ANSWER USER PASSWORD
//	                       sends an Access-Request; ANSWER is accept, reject
//	                       or challenge, or unsigned, which leaves
//	                       Message-Authenticator out and wants no answer
//	status N PROGRAM ...   runs a program that must end with N
//	tokens N FILE          writes a CSV of N tokens for people the site has
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("TWOFOLD_CONFIG", e.WorkDir+"/twofold.yaml")
			e.Setenv("TZ", "UTC")
			e.Values[running{}] = &running{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"site": siteCmd, "server": serverCmd, "code": codeCmd, "radius": radiusCmd, "tokens": tokensCmd, "status": statusCmd,
		},
	})
}
