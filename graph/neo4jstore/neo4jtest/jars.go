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
	"regexp"
	"strconv"
	"strings"
)

// ErrUnavailable says that this machine cannot run the server: Java or Maven is missing or too old, or the jars
// cannot be fetched. Tests skip on it, except where CI=true.
var ErrUnavailable = errors.New("neo4jtest: no Neo4j on this machine")

//go:embed pom.xml
var pom []byte

const minJava = 17

// javaVersion finds the major version in the first line of `java -version`, for example `openjdk version "17.0.15"`.
var javaVersion = regexp.MustCompile(`version "(\d+)`)

// findJava returns the path of a Java that can run the server: JAVA_HOME's first, then PATH's.
func findJava(ctx context.Context) (string, error) {
	name := "java"
	if home := os.Getenv("JAVA_HOME"); home != "" {
		name = filepath.Join(home, "bin", "java")
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%w: Java %d or 21 is needed and %s was not found", ErrUnavailable, minJava, name)
	}
	out, err := exec.CommandContext(ctx, path, "-version").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s -version: %w: %s", ErrUnavailable, path, err, lastLines(string(out), 3))
	}
	match := javaVersion.FindSubmatch(out)
	if match == nil {
		return "", fmt.Errorf("%w: %s -version does not name a version: %s", ErrUnavailable, path, lastLines(string(out), 3))
	}
	if major, err := strconv.Atoi(string(match[1])); err != nil || major < minJava {
		return "", fmt.Errorf("%w: Java %d or 21 is needed and %s is version %s", ErrUnavailable, minJava, path, match[1])
	}
	return path, nil
}

// Available returns nil where this machine can run the server, fetching its jars when the cache has none, and
// otherwise the reason.
func Available(ctx context.Context, logTo io.Writer) error {
	if _, err := findJava(ctx); err != nil {
		return err
	}
	_, err := jars(ctx, logTo)
	return err
}

// jars returns a folder that holds the server's jars, fetching them with Maven when the cache has none. Processes
// that ask at the same time wait for the first one.
func jars(ctx context.Context, logTo io.Writer) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("neo4jtest: folder for the jars: %w", err)
	}
	sum := sha256.Sum256(pom)
	root := filepath.Join(cache, "roundtrip", "neo4j")
	folder := filepath.Join(root, Version, "jars-"+hex.EncodeToString(sum[:4]))
	if isDir(folder) {
		return folder, nil
	}
	if err := os.MkdirAll(filepath.Join(root, Version), 0o755); err != nil {
		return "", fmt.Errorf("neo4jtest: folder for the jars: %w", err)
	}
	unlock, err := lock(ctx, filepath.Join(root, Version+".lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	if isDir(folder) {
		return folder, nil
	}
	if err := fetch(ctx, folder, logTo); err != nil {
		return "", err
	}
	return folder, nil
}

// fetch fills a folder beside the wanted one and renames it, so that a folder of the right name is always complete.
func fetch(ctx context.Context, folder string, logTo io.Writer) (err error) {
	mvn, err := exec.LookPath("mvn")
	if err != nil {
		return fmt.Errorf("%w: Maven is needed to fetch Neo4j %s and mvn was not found", ErrUnavailable, Version)
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
	fmt.Fprintf(logTo, "Fetching Neo4j %s with Maven (about 130 MB, once) into %s\n", Version, folder)
	into := filepath.Join(scratch, "jars")
	cmd := exec.CommandContext(ctx, mvn, "-B", "-q", "-f", pomFile, "-Dneo4j.version="+Version,
		"dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory="+into)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: mvn could not fetch Neo4j %s: %w: %s", ErrUnavailable, Version, err, lastLines(string(out), 8))
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
