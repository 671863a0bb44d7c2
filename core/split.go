package core

import "strings"

// cut takes n digits off the end (or, with Prefix, the start) of a password
// field, and the separator between them. Nothing is tried on the directory:
// what matches a token decides where a field is cut.
func cut(field string, n int, client *Client) (password, code string, ok bool) {
	if len(field) < n+len(client.Separator) {
		return "", "", false
	}
	if client.Position == Prefix {
		code, password = field[:n], field[n:]
		password, ok = strings.CutPrefix(password, client.Separator)
	} else {
		password, code = field[:len(field)-n], field[len(field)-n:]
		password, ok = strings.CutSuffix(password, client.Separator)
	}
	return password, code, ok && digits(code)
}

// digits tells whether s is ASCII digits and nothing else.
func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// squeeze takes the blanks out of a code that was typed or pasted in groups.
func squeeze(code string) string { return strings.ReplaceAll(code, " ", "") }
