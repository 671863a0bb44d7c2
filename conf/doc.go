// Package conf declares, loads and checks Twofold's configuration.
//
// The structs are the declaration: a field's comment is what twofold.yaml(5)
// and the sample file say of it, its tags give default, bounds and form. Load
// walks the YAML tree along them, so that no key can exist without a bound and a
// description, and then runs the rules that concern several keys at once.
//
// An operator gets every fault in one go, each with its line, key and a hint.
// What is worth a word but no refusal comes back as a Warning. A configuration
// that Load returns is complete: defaults are filled in, secrets read from their
// files, paths absolute or relative to the working directory as the
// configuration's own path was, and a client's own rules merged with the global
// ones. To reload, call Load again and compare. Socket is for commands that only
// look for the running server, which a faulty file must not keep from it.
//
// The file is the operator's, but it is not trusted blindly: its size, its
// aliases and the files it names are bounded. No fault, warning or formatted
// Config holds a secret: values of secret keys, and of keys that reach for one
// by a YAML alias, are never quoted, nor is the text around a syntax error, nor
// the last element of a secret file's path, since people paste secrets there.
//
// The package knows nothing of the packages it configures. It opens no
// connection, creates no file and does not watch its own.
package conf

//go:generate go run ./internal/gen
