// Package archtest holds the house to its plan: imports point one way,
//
//	cmd → front-ends and adapters → core → core/otp
//
// front-ends and adapters do not know one another, packages for tests stay
// out of the product, core touches neither network nor disk nor log, and a
// library is used only where the plan has it.
//
// It reads the import clauses of every file under every build tag and judges
// them one by one; since each step is judged, so is every path of several. A
// package or library that the plan does not have is a fault until somebody
// writes it in, which is the moment to think about it.
//
// It does not look at what tests import of the house's own packages: a test
// may put any parts together.
package archtest
