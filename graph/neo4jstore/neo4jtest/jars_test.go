package neo4jtest

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
)

func TestAskersAtTheSameTimeFetchTheJarsOnce(t *testing.T) {
	cache, tools := t.TempDir(), t.TempDir()
	calls := filepath.Join(tools, "calls")
	mvn := `#!/bin/sh
echo call >>"` + calls + `"
sleep 0.2
for argument; do case $argument in -DoutputDirectory=*) folder=${argument#*=} ;; esac; done
mkdir "$folder" && touch "$folder/neo4j-server-` + Version + `.jar"
`
	require.NoError(t, os.WriteFile(filepath.Join(tools, "mvn"), []byte(mvn), 0o700))
	t.Setenv("PATH", tools+":"+os.Getenv("PATH"))
	t.Setenv("HOME", cache)
	t.Setenv("XDG_CACHE_HOME", cache)

	var folders [4]string
	var group errgroup.Group
	for i := range folders {
		group.Go(func() (err error) {
			folders[i], err = jars(t.Context(), Version, io.Discard)
			return err
		})
	}
	require.NoError(t, group.Wait())
	for _, folder := range folders {
		require.Equal(t, folders[0], folder)
		require.FileExists(t, filepath.Join(folder, "neo4j-server-"+Version+".jar"))
	}
	called, err := os.ReadFile(calls)
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(called), "call"))
}

func TestAFetchThatFailsLeavesNothingBehindAndSaysWhatMavenSaid(t *testing.T) {
	cache, tools := t.TempDir(), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(tools, "mvn"), []byte("#!/bin/sh\necho no route to the repository; exit 1\n"), 0o700))
	t.Setenv("PATH", tools+":"+os.Getenv("PATH"))
	t.Setenv("HOME", cache)
	t.Setenv("XDG_CACHE_HOME", cache)

	_, err := jars(t.Context(), Version, io.Discard)
	require.ErrorIs(t, err, ErrUnavailable)
	require.ErrorContains(t, err, "no route to the repository")
	left, err := filepath.Glob(filepath.Join(cache, "*", "roundtrip", "neo4j", Version, "*"))
	require.NoError(t, err)
	require.Empty(t, left)
	left, err = filepath.Glob(filepath.Join(cache, "roundtrip", "neo4j", Version, "*"))
	require.NoError(t, err)
	require.Empty(t, left)
}
