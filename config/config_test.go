package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestDefaultsAreAllowedAndDocumented(t *testing.T) {
	c := Default()
	if c.Server.Address != "127.0.0.1:8080" || c.Store.Kind != "sqlite" || c.Analysis.Timeout != 30*time.Second || len(c.Analysis.Probabilities) != 8 {
		t.Errorf("defaults are %+v", c)
	}
	for _, k := range Describe() {
		if k.Doc == "" {
			t.Errorf("%s has no sentence", k.Name)
		}
	}
}

func TestFlagsGoBeforeEnvironmentBeforeFileBeforeDefaults(t *testing.T) {
	file := write(t, "server:\n  address: 127.0.0.1:1\nstore:\n  path: from-file\nlog:\n  level: warn\nanalysis:\n  probabilities:\n    talks: 100\n")
	l, err := Load(Source{
		File:  file,
		Env:   []string{"ROUNDTRIP_STORE_PATH=from-env", "ROUNDTRIP_LOG_LEVEL=debug", "PATH=/bin", "ROUNDTRIP_TEST_NEO4J_URI=x"},
		Flags: map[string]string{"log.level": "error"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if l.Server.Address != "127.0.0.1:1" || l.Store.Path != "from-env" || l.Log.Level != "error" || l.Analysis.Probabilities[0].BasisPoints != 100 {
		t.Errorf("settings are %+v", l.Config)
	}
	for key, want := range map[string]string{"server.address": "file", "store.path": "environment", "log.level": "flag", "store.kind": "default"} {
		if l.Origin[key] != want {
			t.Errorf("%s comes from %s, want %s", key, l.Origin[key], want)
		}
	}
}

func TestEveryBadSettingIsNamedAtOnce(t *testing.T) {
	file := write(t, "server:\n  adress: x\nstore:\n  kind: postgres\nlimits:\n  rows: none\nanalysis:\n  probabilities: talks=20000\n")
	_, err := Load(Source{File: file, Env: []string{"ROUNDTRIP_SERVER_INSECURE=yes", "ROUNDTRIP_SERVR_ADDRESS=x"}})
	want := []string{
		file + ": server.adress is not a setting; config print lists them",
		`analysis.probabilities (from file) is "talks=20000": "talks=20000": want a state with its weight from 0 to 10000, such as talks=2500`,
		`environment: ROUNDTRIP_SERVR_ADDRESS is not a setting; config print lists them`,
		`limits.rows (from file) is "none": want a whole number of at least 1`,
		`server.insecure (from environment) is "yes": want true or false`,
		`store.kind (from file) is "postgres": want one of sqlite, neo4j`,
	}
	if err == nil || err.Error() != strings.Join(want, "\n") {
		t.Errorf("error is\n%v\nwant\n%s", err, strings.Join(want, "\n"))
	}
}

func TestPrintMasksSecretsAndReadsBack(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte("hidden-password\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := Load(Source{Env: []string{"ROUNDTRIP_NEO4J_PASSWORD_FILE=" + secret}})
	if err != nil || l.Neo4j.Password != "hidden-password" {
		t.Fatalf("password is %q, %v", l.Neo4j.Password, err)
	}
	var b strings.Builder
	if err := l.Print(&b); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "hidden-password") || !strings.Contains(b.String(), masked) {
		t.Errorf("the secret is not masked:\n%s", b.String())
	}
	printed := strings.Replace(b.String(), `password_file: "`+secret+`"`, `password_file: ""`, 1)
	back, err := Load(Source{File: write(t, printed)})
	if err != nil || back.Limits != l.Limits || back.Server.Address != l.Server.Address {
		t.Errorf("reads back as %+v, %v", back.Config, err)
	}
}

func write(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "roundtrip.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
