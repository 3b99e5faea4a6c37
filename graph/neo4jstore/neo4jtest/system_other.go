//go:build !unix

package neo4jtest

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
)

func lock(context.Context, string) (unlock func(), err error) {
	return nil, fmt.Errorf("%w: the helper needs a Unix system and this is %s; start a server yourself and set %s",
		ErrUnavailable, runtime.GOOS, EnvURI)
}

func inOwnGroup(*exec.Cmd) {}

func killGroup(cmd *exec.Cmd) error { return cmd.Process.Kill() }
