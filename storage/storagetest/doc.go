// Package storagetest holds what every engine of package storage must do, as
// a suite of tests, and what tests of other packages need of a store.
//
//	func TestConformance(t *testing.T) { storagetest.Run(t, storagetest.Suite{Open: open, Lasting: true}) }
//
// Each store that is opened here is verified and closed when its test ends.
package storagetest
