package deliver_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"roundtrip/reports/deliver"
)

type slackBlock struct {
	Type     string
	Text     struct{ Type, Text string }
	Elements []struct{ Type, Text string }
}

func slackMessage(t *testing.T, p deliver.Parcel) []slackBlock {
	t.Helper()
	got, url := receiver(t, nil)
	if err := sender(0).Send(t.Context(), deliver.Recipient{Name: "team", Kind: deliver.Slack, URL: url}, p); err != nil {
		t.Fatal(err)
	}
	var m struct {
		Text   string
		Blocks []slackBlock
	}
	if err := json.Unmarshal(got.bodies[0], &m); err != nil {
		t.Fatal(err)
	}
	if m.Text == "" || utf8.RuneCountInString(m.Text) > 3000 || len(m.Blocks) > 50 {
		t.Errorf("the message has %d blocks and a text of %d characters", len(m.Blocks), utf8.RuneCountInString(m.Text))
	}
	for i, b := range m.Blocks {
		limit := map[string]int{"header": 150, "section": 3000, "context": 3000}[b.Type]
		if n := utf8.RuneCountInString(b.Text.Text); n > limit {
			t.Errorf("block %d (%s) has %d characters", i, b.Type, n)
		}
	}
	return m.Blocks
}

func TestASlackMessageHasTheFindingTheAlertsTheLinkAndTheKey(t *testing.T) {
	var parts []string
	for _, b := range slackMessage(t, parcel()) {
		text := b.Text.Text
		for _, e := range b.Elements {
			text += e.Text
		}
		parts = append(parts, b.Type+" "+text)
	}
	want := `header Daily: 1 new loop
section One loop is new: nvidia → openai → oracle.
section • New loop above 1 bn: nvidia → openai → oracle.
section <https://reports.example.net/#/runs/daily-20260131t0600z|Open the report>
context daily-20260131t0600z/ops`
	if got := strings.Join(parts, "\n"); got != want {
		t.Errorf("message is\n%s\nwant\n%s", got, want)
	}
}

func TestALongSlackMessageStaysWithinTheBoundsAndItsTextIsNoMarkup(t *testing.T) {
	p := parcel()
	p.Subject = strings.Repeat("é", 400) + "\n"
	p.Finding = strings.Repeat("<&>", 4000)
	p.Alerts = make([]string, 90)
	for i := range p.Alerts {
		p.Alerts[i] = "see <https://evil.example|here> *now* " + strings.Repeat("x", 4000)
	}
	p.Link = "javascript:alert(1)"
	blocks := slackMessage(t, p)
	if f := blocks[1].Text.Text; !strings.HasSuffix(f, "…") || strings.Contains(f, "<") || strings.Contains(strings.TrimSuffix(strings.NewReplacer("&amp;", "", "&lt;", "", "&gt;", "").Replace(f), "…"), "&") {
		t.Errorf("finding ends with %q", f[len(f)-20:])
	}
	if a := blocks[2].Text.Text; strings.Contains(a, "<http") || strings.Contains(a, " *now") {
		t.Errorf("alert is %q", a[:60])
	}
	var more string
	for _, b := range blocks {
		if strings.Contains(b.Text.Text, "more alert") {
			more = b.Text.Text
		}
		if strings.Contains(b.Text.Text, "javascript") {
			t.Error("the link is a script")
		}
	}
	if more != "45 more alerts; the report has them." {
		t.Errorf("says %q", more)
	}
}

func TestAnErrorOfSlackNamesItsCode(t *testing.T) {
	_, url := receiver(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte("invalid_blocks"))
	})
	err := sender(0).Send(t.Context(), deliver.Recipient{Name: "team", Kind: deliver.Slack, URL: url}, parcel())
	if !deliver.Final(err) || err.Error() != "delivery to team (slack): answered 400 Bad Request (invalid_blocks)" {
		t.Errorf("gives %v", err)
	}
}
