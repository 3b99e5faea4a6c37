package deliver_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"roundtrip/reports/deliver"
)

// The check that the documentation gives receivers, run as it stands, takes what
// the program signs and nothing else.
func TestTheCheckOfTheDocumentationTakesWhatTheProgramSigns(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	page, err := os.ReadFile("../../docs/alerts.md")
	if err != nil {
		t.Fatal(err)
	}
	_, code, ok := strings.Cut(string(page), "```python\n")
	code, _, ok2 := strings.Cut(code, "```\n")
	if !ok || !ok2 {
		t.Fatal("docs/alerts.md has no check in Python")
	}
	script := filepath.Join(t.TempDir(), "check.py")
	code += "\nimport sys\nprint(verify(sys.argv[1], sys.argv[2].encode(), sys.argv[3].encode()))\n"
	if err := os.WriteFile(script, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	const body = `{"finding": "Täglich"}`
	now := time.Now()
	for _, tt := range []struct {
		name, header, body string
		secret             deliver.Secret
		want               string
	}{
		{"new secret", deliver.Sign([]byte(body), now, newSecret, oldSecret), body, newSecret, "True"},
		{"old secret", deliver.Sign([]byte(body), now, newSecret, oldSecret), body, oldSecret, "True"},
		{"another secret", deliver.Sign([]byte(body), now, newSecret), body, oldSecret, "False"},
		{"another body", deliver.Sign([]byte(body), now, newSecret), body + " ", newSecret, "False"},
		{"an old time", deliver.Sign([]byte(body), now.Add(-6*time.Minute), newSecret), body, newSecret, "False"},
	} {
		out, err := exec.CommandContext(t.Context(), python, script, tt.header, tt.body, string(tt.secret)).CombinedOutput()
		if err != nil || strings.TrimSpace(string(out)) != tt.want {
			t.Errorf("%s gives %s (%v), want %s", tt.name, out, err, tt.want)
		}
	}
}
