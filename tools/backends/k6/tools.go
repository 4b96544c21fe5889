//go:build tools

// Package tools pins the k6 that the load benchmark sends its requests with. Nothing imports it: `go build` of the
// named command is what uses it, and go.sum makes the build reproducible.
package tools

import _ "go.k6.io/k6"
