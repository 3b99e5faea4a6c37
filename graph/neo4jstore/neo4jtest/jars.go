package neo4jtest

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// ErrUnavailable says that this machine cannot run the server: Java or Maven is missing or too old, or the jars
// cannot be fetched. Tests skip on it, except where CI=true.
var ErrUnavailable = errors.New("neo4jtest: no Neo4j on this machine")

// ErrNoJava is the ErrUnavailable of a machine without a Java that the release runs on.
var ErrNoJava = fmt.Errorf("%w: no fitting Java", ErrUnavailable)

//go:embed pom.xml
var pom []byte

// Available returns nil where this machine can run the release of the environment, fetching its jars when the cache
// has none, and otherwise the reason.
func Available(ctx context.Context, logTo io.Writer) error {
	version, err := Release(os.Getenv(EnvVersion))
	if err != nil {
		return err
	}
	if _, err := findJava(ctx, version); err != nil {
		return err
	}
	_, err = jars(ctx, version, logTo)
	return err
}

// jars returns a folder that holds the jars of a release, fetching them with Maven when the cache has none. Processes
// that ask at the same time wait for the first one.
func jars(ctx context.Context, version string, logTo io.Writer) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("neo4jtest: folder for the jars: %w", err)
	}
	sum := sha256.Sum256(pom)
	root := filepath.Join(cache, "roundtrip", "neo4j")
	folder := filepath.Join(root, version, "jars-"+hex.EncodeToString(sum[:4]))
	if isDir(folder) {
		return folder, nil
	}
	if err := os.MkdirAll(filepath.Join(root, version), 0o755); err != nil {
		return "", fmt.Errorf("neo4jtest: folder for the jars: %w", err)
	}
	unlock, err := lock(ctx, filepath.Join(root, version+".lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	if isDir(folder) {
		return folder, nil
	}
	if err := fetch(ctx, version, folder, logTo); err != nil {
		return "", err
	}
	return folder, nil
}

// fetch fills a folder beside the wanted one and renames it, so that a folder of the right name is always complete.
func fetch(ctx context.Context, version, folder string, logTo io.Writer) (err error) {
	mvn, err := exec.LookPath("mvn")
	if err != nil {
		return fmt.Errorf("%w: Maven is needed to fetch Neo4j %s and mvn was not found", ErrUnavailable, version)
	}
	scratch, err := os.MkdirTemp(filepath.Dir(folder), "fetching-")
	if err != nil {
		return fmt.Errorf("neo4jtest: folder for the jars: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	pomFile := filepath.Join(scratch, "pom.xml")
	if err := os.WriteFile(pomFile, pom, 0o600); err != nil {
		return fmt.Errorf("neo4jtest: write pom: %w", err)
	}
	fmt.Fprintf(logTo, "Fetching Neo4j %s with Maven (130 to 170 MB, once) into %s\n", version, folder)
	into := filepath.Join(scratch, "jars")
	cmd := exec.CommandContext(ctx, mvn, "-B", "-q", "-f", pomFile, "-Dneo4j.version="+version,
		"dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory="+into)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: mvn could not fetch Neo4j %s: %w: %s", ErrUnavailable, version, err, lastLines(string(out), 8))
	}
	if found, err := filepath.Glob(filepath.Join(into, "neo4j-server-*.jar")); err != nil || len(found) != 1 {
		return fmt.Errorf("neo4jtest: mvn ended well but %s does not hold neo4j-server", into)
	}
	if err := os.Rename(into, folder); err != nil {
		return fmt.Errorf("neo4jtest: keep the jars: %w", err)
	}
	return nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// lastLines returns the last n lines of text, for error messages.
func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
