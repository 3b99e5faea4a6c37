package neo4jtest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAReleaseIsAVersionOrTheCalendarReleaseOrTheDefault(t *testing.T) {
	for setting, want := range map[string]string{"": Version, "calendar": CalendarVersion, "2026.08.1": "2026.08.1", "5.26.30": "5.26.30"} {
		got, err := Release(setting)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, setting := range []string{"latest", "2026", "2026.09", "5.26.29-SNAPSHOT", "../5.26.29", "5.26.29\n"} {
		_, err := Release(setting)
		require.ErrorContains(t, err, "want a version such as 5.26.29 or 2026.09.0, or calendar", setting)
	}
	require.False(t, calendar("5.26.29"))
	require.True(t, calendar("2026.09.0"))
}

func TestTheFirstJavaThatFitsTheReleaseIsTaken(t *testing.T) {
	javaOf := func(version string) (folder string) {
		folder = filepath.Join(t.TempDir(), "bin")
		require.NoError(t, os.Mkdir(folder, 0o700))
		script := "#!/bin/sh\necho 'openjdk version \"" + version + "\" 2026-04-21' >&2\n"
		require.NoError(t, os.WriteFile(filepath.Join(folder, "java"), []byte(script), 0o700))
		return folder
	}
	home, path := javaOf("17.0.15"), javaOf("25.0.3")
	t.Setenv("JAVA_HOME", filepath.Dir(home))
	t.Setenv("PATH", path)
	t.Setenv(EnvJava, "")

	found, err := findJava(t.Context(), Version)
	require.NoError(t, err)
	require.Equal(t, filepath.Join(home, "java"), found)
	found, err = findJava(t.Context(), CalendarVersion)
	require.NoError(t, err)
	require.Equal(t, filepath.Join(path, "java"), found)

	t.Setenv(EnvJava, filepath.Join(home, "java"))
	_, err = findJava(t.Context(), CalendarVersion)
	require.ErrorIs(t, err, ErrNoJava)
	require.ErrorIs(t, err, ErrUnavailable)
}

func TestTheLanguageAndTheCalendarSettingsAreWrittenForCalendarReleasesOnly(t *testing.T) {
	require.NotContains(t, settings(Options{Version: Version}), "fleet")
	require.Contains(t, settings(Options{Version: CalendarVersion}), "server.fleet_discovery.enabled=false\n")
	require.NotContains(t, settings(Options{Version: CalendarVersion}), "default_language")
	require.Contains(t, settings(Options{Version: CalendarVersion, Language: "25"}), "db.query.default_language=CYPHER_25\n")
}
