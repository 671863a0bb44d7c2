// Package qr draws QR codes (ISO/IEC 18004) for terminals, web pages and files.
//
// The library makes the matrix of modules; the drawing is our own, because
// phones need what its images lack: a quiet zone of four modules all around,
// and modules of whole pixels.
//
// A code usually carries a secret. No error of this package quotes the text, a
// Code does not keep it, and drawings carry it in their modules only. Whoever
// stores or sends a drawing stores or sends the secret.
package qr
