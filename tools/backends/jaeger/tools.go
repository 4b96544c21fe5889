//go:build tools

// Package tools pins the Jaeger that the end-to-end tests run against. Nothing imports it: `go build` of the named
// command is what uses it, and go.sum makes the build reproducible.
package tools

import _ "github.com/jaegertracing/jaeger/cmd/jaeger"
