// Command roundtrip shows how money circles among AI companies.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// Exit codes.
const (
	exitFine     = 0
	exitFailed   = 1
	exitUsage    = 2
	exitFindings = 3
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.Environ()})
	stop()
	os.Exit(code)
}

// run is the program: it returns the exit code and has no other effect on the
// process.
func run(ctx context.Context, args []string, s streams) int {
	root := newRoot(&s)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return exitFine
	case errors.Is(err, errFindings):
		return exitFindings
	case errors.Is(err, errShown):
		return exitFailed
	}
	fmt.Fprintf(s.err, "roundtrip: %v\n", err)
	var u usageError
	if errors.As(err, &u) {
		if u.hint != "" {
			fmt.Fprintln(s.err, u.hint)
		}
		return exitUsage
	}
	return exitFailed
}

// errFindings ends a command that found what --fail-on asked for.
var errFindings = errors.New("findings")

// errShown ends a command that failed and has already said why.
var errShown = errors.New("failed")

// usageError is a mistake on the command line.
type usageError struct {
	error
	hint string
}

func usage(hint, format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...), hint}
}
