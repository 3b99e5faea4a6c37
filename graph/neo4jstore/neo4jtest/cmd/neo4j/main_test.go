package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/stretchr/testify/require"

	"roundtrip/graph/neo4jstore/neo4jtest"
)

// TestMain lets this test binary stand in for the command when a test starts it with asCommand set.
func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

const asCommand = "NEO4JTEST_AS_COMMAND"

func command(t *testing.T, arguments ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self, arguments...)
	cmd.Env = append(os.Environ(), asCommand+"=1", neo4jtest.EnvURI+"=")
	cmd.Stderr = t.Output()
	return cmd
}

func TestTheCommandsExitCodeIsPassedOn(t *testing.T) {
	failing := command(t, "--", "sh", "-c", "exit 7")
	failing.Env = append(failing.Env, neo4jtest.EnvURI+"=bolt://server.of.the.environment")
	var exit *exec.ExitError
	require.ErrorAs(t, failing.Run(), &exit)
	require.Equal(t, 7, exit.ExitCode())
}

func TestAServerAroundACommandEndsWithItsKilledStarterAndLeavesNoFiles(t *testing.T) {
	needServer(t)
	temporary := t.TempDir()
	killed := command(t, "--", "sh", "-c", `echo "$ROUNDTRIP_TEST_NEO4J_URI $ROUNDTRIP_TEST_NEO4J_PASSWORD"; ls "$TMPDIR"; kill -KILL $PPID`)
	killed.Env = append(killed.Env, "TMPDIR="+temporary)
	out, err := killed.Output()
	require.Error(t, err)
	printed := strings.Fields(string(out))
	require.Len(t, printed, 3, "the command saw an address, a password and one temporary home: %q", out)
	require.Eventually(t, func() bool { return !answers(t, printed[0], printed[1]) && len(entries(t, temporary)) == 0 },
		10*time.Second, 100*time.Millisecond, "server and temporary home end with their starter")
}

func TestAKeptServerStopsOnCtrlCAndKeepsItsPassword(t *testing.T) {
	needServer(t)
	home := filepath.Join(t.TempDir(), "home")
	uri, password, cmd := startKept(t, home)
	require.Len(t, password, 26)
	require.True(t, answers(t, uri, password))
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	require.NoError(t, cmd.Wait())
	require.False(t, answers(t, uri, password))

	_, err := neo4jtest.Run(t.Context(), neo4jtest.Options{Home: home, Password: "not the first one"})
	require.ErrorContains(t, err, "the data in this home has another password, set at its first start")
}

// needServer skips the test where no server can be started, and fails it there in CI.
func needServer(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("boots a real Neo4j, which -short leaves out")
	}
	if err := neo4jtest.Available(t.Context(), t.Output()); os.Getenv("CI") == "true" {
		require.NoError(t, err)
	} else if err != nil {
		t.Skip(err)
	}
}

// startKept starts a kept server and reads its address and password from what it prints.
func startKept(t *testing.T, home string) (uri, password string, cmd *exec.Cmd) {
	t.Helper()
	cmd = command(t, "-home", home, "-bolt-port", "0", "-http-port", "0")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	text := make([]byte, 4096)
	n, err := out.Read(text)
	require.NoError(t, err)
	for line := range strings.Lines(string(text[:n])) {
		switch fields := strings.Fields(line); {
		case len(fields) == 2 && fields[0] == "Bolt":
			uri = fields[1]
		case len(fields) == 2 && fields[0] == "Password":
			password = fields[1]
		}
	}
	require.NotEmpty(t, uri, "printed: %s", text[:n])
	require.NotEmpty(t, password, "printed: %s", text[:n])
	return uri, password, cmd
}

func answers(t *testing.T, uri, password string) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	driver, err := neo4j.NewDriverWithContext(uri, neo4j.BasicAuth("neo4j", password, ""))
	require.NoError(t, err)
	defer func() { require.NoError(t, driver.Close(ctx)) }()
	_, err = neo4j.ExecuteQuery(ctx, driver, "RETURN 1", nil, neo4j.EagerResultTransformer, neo4j.ExecuteQueryWithDatabase("neo4j"))
	return err == nil
}

func entries(t *testing.T, folder string) []os.DirEntry {
	t.Helper()
	found, err := os.ReadDir(folder)
	require.NoError(t, err)
	return found
}
