package neo4jtest_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/stretchr/testify/require"

	"roundtrip/graph/neo4jstore/neo4jtest"
)

func TestTheServerIsTheWantedCommunityReleaseAndSendsNoTelemetry(t *testing.T) {
	server := neo4jtest.Start(t)
	wanted, err := neo4jtest.Release(os.Getenv(neo4jtest.EnvVersion))
	require.NoError(t, err)
	require.Equal(t, [][]any{{wanted, "community"}},
		rows(t, server, "CALL dbms.components() YIELD name, versions, edition WHERE name = 'Neo4j Kernel' RETURN versions[0], edition"))
	require.Equal(t, [][]any{{"client.allow_telemetry", "false"}, {"dbms.usage_report.enabled", "false"}},
		rows(t, server, "SHOW SETTINGS 'client.allow_telemetry', 'dbms.usage_report.enabled' YIELD name, value ORDER BY name"))
}

func TestTheBrowserIsServed(t *testing.T) {
	server := neo4jtest.Start(t)
	if server.BrowserURL == "" {
		t.Skip("the environment names no HTTP address")
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.BrowserURL, nil)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Contains(t, string(body), "<title>Neo4j Browser</title>")
}

func TestStartGivesTheSameServerToEveryTestOfABinary(t *testing.T) {
	require.Equal(t, neo4jtest.Start(t), neo4jtest.Start(t))
}

func TestWipeLeavesNothingEvenOfAHubWithManyRelationships(t *testing.T) {
	server := neo4jtest.Start(t)
	server.Wipe(t)
	rows(t, server, "CREATE (hub:Hub) WITH hub UNWIND range(1, 25000) AS i CREATE (hub)-[:TO]->(:Leaf)-[:BACK]->(hub)")
	require.Equal(t, [][]any{{int64(25001)}}, rows(t, server, "MATCH (n) RETURN count(n)"))
	server.Wipe(t)
	require.Equal(t, [][]any{{int64(0)}}, rows(t, server, "MATCH (n) RETURN count(n)"))
}

// The next two run this test binary again; TestAsASecondBinary is what runs in it.
const secondBinary = "NEO4JTEST_SECOND_BINARY"

func TestAsASecondBinary(t *testing.T) {
	file := os.Getenv(secondBinary)
	if file == "" {
		t.Skip("runs only inside the tests that start this binary again")
	}
	server := neo4jtest.Start(t)
	require.Equal(t, [][]any{{int64(0)}}, rows(t, server, "MATCH (n:Turn) RETURN count(n)"), "another binary has its turn")
	rows(t, server, "CREATE (:Turn)")
	time.Sleep(300 * time.Millisecond)
	server.Wipe(t)
	require.NoError(t, os.WriteFile(file, []byte("had its turn"), 0o600))
}

func again(t *testing.T, environment ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestAsASecondBinary$", "-test.v", "-test.timeout=2m")
	cmd.Env = slices.DeleteFunc(os.Environ(), func(pair string) bool {
		return strings.HasPrefix(pair, "ROUNDTRIP_TEST_NEO4J_") || strings.HasPrefix(pair, "CI=")
	})
	cmd.Env = append(cmd.Env, environment...)
	return cmd
}

func TestBinariesThatShareAServerTakeTurns(t *testing.T) {
	server := neo4jtest.Start(t)
	if os.Getenv(neo4jtest.EnvURI) != "" {
		t.Skip("this binary holds the turn at the server of the environment until it ends")
	}
	server.Wipe(t)
	folder := t.TempDir()
	var running []*exec.Cmd
	for _, name := range []string{"a", "b", "c"} {
		cmd := again(t, secondBinary+"="+filepath.Join(folder, name), neo4jtest.EnvURI+"="+server.URI,
			neo4jtest.EnvUser+"="+server.Username, neo4jtest.EnvPassword+"="+server.Password)
		cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
		require.NoError(t, cmd.Start())
		running = append(running, cmd)
	}
	for _, cmd := range running {
		require.NoError(t, cmd.Wait())
	}
	for _, name := range []string{"a", "b", "c"} {
		require.FileExists(t, filepath.Join(folder, name))
	}
}

func TestWithoutJavaOrMavenTestsSkipWithASentenceAndFailInCI(t *testing.T) {
	if testing.Short() {
		t.Skip("Start does nothing under -short")
	}
	old := standIn(t, "java", `echo 'openjdk version "11.0.2" 2019-01-15' >&2`)
	recent := standIn(t, "java", `echo 'openjdk version "25.0.3" 2026-04-21 LTS' >&2`)
	missing := filepath.Join(t.TempDir(), "java")
	cases := []struct{ name, version, java, sentence string }{
		{"no Java", "", missing, "Java 17 or 21 is needed for Neo4j " + neo4jtest.Version + " and " + missing + " was not found"},
		{"old Java", "calendar", old, "Java 21 or 25 is needed for Neo4j " + neo4jtest.CalendarVersion + " and " + old + " is version 11"},
		{"no Maven", "", recent, "Maven is needed to fetch Neo4j " + neo4jtest.Version + " and mvn was not found"},
		{"no Maven for the calendar release", "calendar", recent, "Maven is needed to fetch Neo4j " + neo4jtest.CalendarVersion + " and mvn was not found"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			environment := []string{
				secondBinary + "=" + filepath.Join(t.TempDir(), "file"), "PATH=" + t.TempDir(),
				neo4jtest.EnvVersion + "=" + c.version, neo4jtest.EnvJava + "=" + c.java,
				"HOME=" + t.TempDir(), "XDG_CACHE_HOME=",
			}
			out, err := again(t, environment...).CombinedOutput()
			require.NoError(t, err, string(out))
			require.Contains(t, string(out), c.sentence)
			require.Contains(t, string(out), "--- SKIP: TestAsASecondBinary")

			out, err = again(t, append(environment, "CI=true")...).CombinedOutput()
			require.Error(t, err)
			require.Contains(t, string(out), c.sentence)
			require.Contains(t, string(out), "--- FAIL: TestAsASecondBinary")
		})
	}
}

// standIn is the path of a program that does what a shell script says.
func standIn(t *testing.T, name, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o700))
	return path
}

func rows(t *testing.T, server neo4jtest.Server, text string) [][]any {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	driver, err := neo4j.NewDriverWithContext(server.URI, neo4j.BasicAuth(server.Username, server.Password, ""))
	require.NoError(t, err)
	defer func() { require.NoError(t, driver.Close(ctx)) }()
	result, err := neo4j.ExecuteQuery(ctx, driver, text, nil, neo4j.EagerResultTransformer, neo4j.ExecuteQueryWithDatabase(server.Database))
	require.NoError(t, err)
	var values [][]any
	for _, record := range result.Records {
		values = append(values, record.Values)
	}
	return values
}
