// Package importfile reads files of tokens that come from elsewhere, in two
// forms: otpauth URIs, one a line, optionally with the user and a tab before
// them, and CSV (RFC 4180) with a header that names its columns.
//
// It is pure: text in, lines out. Whether the users exist and the seeds are
// new is judged by package core. One bad line spoils no other: each has its
// fault, by number, and reading goes on.
//
// The files hold seeds, so no error and no fault quotes anything of a line:
// columns that were swapped would otherwise put a seed into a terminal or a
// log (I10). A fault names the user where what stands there cannot be a seed. Lines and their number are bounded (I12), and a line break inside
// a quoted CSV field is refused, so that one stray quote cannot swallow the
// rest of a file.
package importfile
