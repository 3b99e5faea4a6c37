package neo4jtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// versionForm is what Neo4j's releases are called: 5.26.29 or 2026.09.0.
var versionForm = regexp.MustCompile(`^(\d+)\.\d+\.\d+$`)

// Release is the version that a setting asks for: Version for "", CalendarVersion for "calendar", otherwise the
// setting itself, which must have the form of a version.
func Release(setting string) (string, error) {
	switch {
	case setting == "":
		return Version, nil
	case setting == "calendar":
		return CalendarVersion, nil
	case versionForm.MatchString(setting):
		return setting, nil
	}
	return "", fmt.Errorf("neo4jtest: the Neo4j release is %q; want a version such as %s or %s, or calendar", setting, Version, CalendarVersion)
}

// calendar tells whether a release is named after the year and month, as all after 5.26 are.
func calendar(version string) bool {
	match := versionForm.FindStringSubmatch(version)
	if match == nil {
		return false
	}
	first, err := strconv.Atoi(match[1])
	return err == nil && first >= 2025
}

// javasFor are the Java versions that Neo4j names for a release. Newer ones are taken as well.
func javasFor(version string) (least, other int) {
	if calendar(version) {
		return 21, 25
	}
	return 17, 21
}

// javaVersion finds the major version in the first line of `java -version`, for example `openjdk version "17.0.15"`.
var javaVersion = regexp.MustCompile(`version "(\d+)`)

// findJava returns the path of the first Java that can run a release, among those of javas.
func findJava(ctx context.Context, version string) (string, error) {
	least, other := javasFor(version)
	var reasons []string
	for _, name := range javas() {
		path, err := exec.LookPath(name)
		if err != nil {
			reasons = append(reasons, name+" was not found")
			continue
		}
		major, err := majorOf(ctx, path)
		switch {
		case err != nil:
			reasons = append(reasons, err.Error())
		case major < least:
			reasons = append(reasons, fmt.Sprintf("%s is version %d", path, major))
		default:
			return path, nil
		}
	}
	return "", fmt.Errorf("%w: Java %d or %d is needed for Neo4j %s and %s", ErrNoJava, least, other, version, strings.Join(reasons, ", "))
}

// javas are where a Java may be, in the order in which they are asked: the one that ROUNDTRIP_TEST_JAVA names and no
// other, or JAVA_HOME's, PATH's, and those in the folders where systems install several side by side.
func javas() []string {
	if only := os.Getenv(EnvJava); only != "" {
		return []string{only}
	}
	var list []string
	if home := os.Getenv("JAVA_HOME"); home != "" {
		list = append(list, filepath.Join(home, "bin", "java"))
	}
	list = append(list, "java")
	for _, pattern := range []string{"/usr/lib/jvm/*/bin/java", "/Library/Java/JavaVirtualMachines/*/Contents/Home/bin/java"} {
		found, err := filepath.Glob(pattern)
		if err == nil { // the only error is a bad pattern
			list = append(list, found...)
		}
	}
	return list
}

// majorOf is the major version of the Java at path.
func majorOf(ctx context.Context, path string) (int, error) {
	out, err := exec.CommandContext(ctx, path, "-version").CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("%s -version: %w: %s", path, err, lastLines(string(out), 3))
	}
	match := javaVersion.FindSubmatch(out)
	if match == nil {
		return 0, fmt.Errorf("%s -version does not name a version: %s", path, lastLines(string(out), 3))
	}
	return strconv.Atoi(string(match[1]))
}
