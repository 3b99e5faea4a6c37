package saved_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roundtrip/graph/sqlitestore"
	"roundtrip/queries/saved"
)

// The keys name to the child process the store and the round.
const (
	placeKey = "ROUNDTRIP_SAVED_PLACE"
	roundKey = "ROUNDTRIP_SAVED_ROUND"
)

// The test runs again in a child process, which imports and is killed.
func TestAnImportThatIsKilledKeepsAllQueriesOrNone(t *testing.T) {
	if place := os.Getenv(placeKey); place != "" {
		importRound(t, place, os.Getenv(roundKey))
		return
	}
	const rounds = 10
	place := t.TempDir()
	rnd := rand.New(rand.NewPCG(1, 0))
	told, whole := importInAChild(t, place, 1, -1) // nobody kills this one
	require.True(t, told)
	last, kept := "1", 0
	for round := 2; round < 2+rounds; round++ {
		told, _ := importInAChild(t, place, round, time.Duration(rnd.Float64()*1.2*float64(whole)))
		there := roundsThere(t, place)
		require.Len(t, there, 1, "queries of one import are there")
		require.Contains(t, []string{last, strconv.Itoa(round)}, there[0])
		if told {
			require.Equal(t, strconv.Itoa(round), there[0])
		}
		if there[0] != last {
			kept++
		}
		last = there[0]
	}
	t.Logf("%d imports were killed within %v; %d of them were kept", rounds, whole, kept)
}

// roundsThere are the imports that the queries in the store are of.
func roundsThere(t *testing.T, place string) []string {
	store, err := sqlitestore.Open(t.Context(), place, sqlitestore.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close(context.WithoutCancel(t.Context()))) }()
	files, err := shelf(t, store).Files(t.Context())
	require.NoError(t, err)
	require.Len(t, files, 200)
	var rounds []string
	seen := map[string]bool{}
	for _, f := range files {
		_, round, _ := strings.Cut(strings.TrimSpace(string(f.Text)), "RETURN ")
		if !seen[round] {
			seen[round] = true
			rounds = append(rounds, round)
		}
	}
	return rounds
}

// importRound imports 200 queries, and says when it begins and when it was told.
func importRound(t *testing.T, place, round string) {
	store, err := sqlitestore.Open(t.Context(), place, sqlitestore.Options{})
	require.NoError(t, err)
	s := shelf(t, store)
	files := make([]saved.File, 200)
	for i := range files {
		files[i] = saved.File{Name: fmt.Sprintf("%d.yaml", i), Text: fmt.Appendf(nil, "name: q%d\ncypher: RETURN %s\n", i, round)}
	}
	fmt.Println("begun")
	_, err = s.Import(t.Context(), files, at(), false)
	require.NoError(t, err)
	fmt.Println("kept")
}

// importInAChild kills a child that long after it began, never where the time is
// negative. It tells whether the child was told that its queries are kept, and
// after how long it ended.
func importInAChild(t *testing.T, place string, round int, after time.Duration) (told bool, took time.Duration) {
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1", "-test.v")
	cmd.Env = append(os.Environ(), placeKey+"="+place, roundKey+"="+strconv.Itoa(round))
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	said := ""
	begun := time.Now()
	for lines := bufio.NewScanner(out); lines.Scan(); {
		said += lines.Text() + "\n"
		switch lines.Text() {
		case "begun":
			begun = time.Now()
			if after >= 0 {
				time.AfterFunc(after, func() { _ = cmd.Process.Kill() }) // it may have ended by itself
			}
		case "kept":
			told, took = true, time.Since(begun)
		}
	}
	if err := cmd.Wait(); after < 0 {
		require.NoError(t, err, said)
	}
	require.Contains(t, said, "begun")
	return told, took
}
