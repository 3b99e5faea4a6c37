package webtest

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// put writes a file through the API, as somebody else would.
func put(t *testing.T, base, path, text string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, base+"/api/v1"+path, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/yaml")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode/100 != 2 {
		t.Fatalf("PUT %s: %s", path, res.Status)
	}
}

func button(text string) chromedp.Action {
	return chromedp.Click(fmt.Sprintf(`//button[normalize-space()=%q]`, text), chromedp.BySearch)
}

// scheduleText is a schedule with its file, as the API has it.
type scheduleText struct {
	Text string `json:"text"`
	Info struct {
		Version int `json:"version"`
	} `json:"info"`
}

// TestScheduleForm writes a schedule by its form.
func TestScheduleForm(t *testing.T) {
	browser := startBrowser(t)
	out := t.TempDir()
	base := serveProgram(t, out)
	folder := filepath.Join(out, "daily")

	t.Run("a schedule is written by a form that the declared keys make", func(t *testing.T) {
		p := open(browser, t, base, "/?view=reports&tab=schedules", desk)
		p.refusals = true
		p.do(button("New schedule"))
		p.untilCount("[data-next] li", 5)
		keys := ask[struct {
			Keys []struct {
				Name string `json:"name"`
				Doc  string `json:"description"`
			} `json:"keys"`
		}](t, base, "/schedules").Keys
		for _, k := range keys {
			p.until(k.Name+" has a place in the form", fmt.Sprintf(`document.querySelector('[data-place="%s"]')`, k.Name))
			if k.Name != "cron" { // its help stands below a fault
				p.until(k.Name+" has its help", fmt.Sprintf(`document.querySelector('[data-place="%s"]').textContent.includes(%q)`, k.Name, strings.ReplaceAll(k.Doc, "`", "")))
			}
		}
		if n := eval[int](p, `[...document.querySelectorAll('form.editor input, form.editor select, form.editor textarea')].filter((e) => e.labels.length === 0).length`); n != 0 {
			t.Errorf("%d fields have no label", n)
		}

		p.enter("#s-name", "daily")
		p.enter("#s-time-zone", "America/New_York")
		p.enter("#s-cron", "0 6 * * 9")
		p.reads("#s-cron-error", `field 5, "9", is not allowed`)
		if s := eval[string](p, `document.querySelector('#s-cron').getAttribute('aria-describedby')`); s != "s-cron-help s-cron-error" {
			t.Errorf("the field is described by %q", s)
		}
		p.screenshot("schedule-fault")
		p.enter("#s-cron", "0 6 * * 1")
		p.reads("[data-trial]", "Every Monday at 06:00, America/New_York. The next five runs:")
		p.untilCount("[data-next] li", 5)

		p.do(button("Add an analysis"), chromedp.SetValue("#s-ask-0", "cycles", chromedp.ByQuery))
		p.reads(`[data-ask="0"]`, "Which loops return value to where it left?")
		p.enter("#s-asks-0-params-max_hops", "99")
		p.reads("#s-asks-0-params-max_hops-error", "want a value from 2 to 12")
		p.until("the next runs stay whatever else is wrong", `document.querySelectorAll('[data-next] li').length === 5`)
		p.enter("#s-asks-0-params-max_hops", "4")
		p.do(button("Add an alert"))
		p.enter("#s-alerts-0-name", "index")
		p.enter("#s-alerts-0-when", "ci_over(0.1)")
		p.reads("#s-alerts-0-when-error", "ci_over")
		p.enter("#s-alerts-0-when", "new_loops(1 * bn)")
		p.do(button("Add a recipient"))
		p.untilCount("#s-recipients-0-kind", 1)
		p.untilCount("#s-recipients-0-path", 0)
		p.do(chromedp.SetValue("#s-recipients-0-kind", "webhook", chromedp.ByQuery))
		p.untilCount("#s-recipients-0-url", 1)
		p.do(chromedp.SetValue("#s-recipients-0-kind", "folder", chromedp.ByQuery))
		p.untilCount("#s-recipients-0-url", 0)
		p.enter("#s-recipients-0-path", "/somewhere/else")
		p.reads("#s-recipients-0-path-error", "reports.folders")
		p.enter("#s-recipients-0-path", folder)
		p.do(chromedp.Click(`//fieldset[legend="Formats"]//label[normalize-space()="json"]`, chromedp.BySearch))
		p.until("nothing is wrong any more", `document.querySelectorAll('form.editor [aria-invalid="true"]').length === 0`)
		p.screenshot("schedule-form")

		p.do(button("Text"))
		want := "name: daily\ncron: 0 6 * * 1\ntime_zone: America/New_York\nasks:\n  - analysis: cycles\n    params:\n      max_hops: 4\n" +
			"formats: [html]\nalerts:\n  - name: index\n    when: new_loops(1 * bn)\nrecipients:\n  - kind: folder\n    path: " + folder + "\n    formats: [json]\n"
		if text := eval[string](p, `document.querySelector('#schedule-text').value`); text != want {
			t.Errorf("the text is\n%s, want\n%s", text, want)
		}
		p.until("the text is tried", `![...document.querySelectorAll('.modes button')].some((e) => e.disabled)`)
		p.do(button("Form"))
		p.until("the form is back with the same values", `document.querySelector('#s-asks-0-params-max_hops')?.value === '4'`)
		p.do(button("Save as daily"))
		p.reads("nav[aria-label=Schedules] [aria-current]", "Every Monday at 06:00, America/New_York")
		if got := ask[scheduleText](t, base, "/schedules/daily"); got.Text != want {
			t.Errorf("the saved file is\n%s", got.Text)
		}
	})

	t.Run("of two who write a schedule the second sees both texts and decides", func(t *testing.T) {
		p := open(browser, t, base, "/?view=reports&tab=schedules&schedule=daily", desk)
		p.refusals = true
		p.do(button("Edit"))
		p.untilCount("#s-title", 1)
		p.enter("#s-title", "Mine")
		theirs := strings.Replace(ask[scheduleText](t, base, "/schedules/daily").Text, "cron: 0 6 * * 1", "title: Theirs\ncron: 0 7 * * 1", 1)
		put(t, base, "/schedules/daily", theirs)
		p.do(button("Save as daily"))
		p.reads("[data-conflict]", "daily was changed while you wrote")
		p.reads("[data-conflict] .differs [data-mine]", "title: Mine")
		p.reads("[data-conflict] .differs [data-theirs]", "title: Theirs")
		if got := ask[scheduleText](t, base, "/schedules/daily"); got.Text != theirs {
			t.Errorf("theirs was overwritten:\n%s", got.Text)
		}
		p.screenshot("schedule-conflict")
		p.do(button("Drop mine, go on with the saved one"))
		p.until("the form has theirs", `document.querySelector('#s-title')?.value === 'Theirs'`)
		p.enter("#s-title", "Both")
		put(t, base, "/schedules/daily", theirs+"# again\n")
		p.do(button("Save as daily"))
		p.reads("[data-conflict]", "was changed while you wrote")
		p.do(button("Save mine in its place"))
		p.until("mine is saved", `!location.search.includes('text=')`)
		if got := ask[scheduleText](t, base, "/schedules/daily"); got.Text != strings.Replace(theirs, "Theirs", "Both", 1) {
			t.Errorf("the saved file is\n%s", got.Text)
		}

		p.do(button("New schedule"))
		p.untilCount("#s-name", 1)
		p.enter("#s-name", "daily")
		p.reads("form.editor", "There is a schedule named daily already.")
		p.do(button("Save as daily"))
		p.reads("[data-conflict]", "There is a schedule named daily already")
	})

	t.Run("the form fits a phone in the dark", func(t *testing.T) {
		p := open(browser, t, base, "/?view=reports&tab=schedules&schedule=daily", look{width: 390, height: 3200, dark: true})
		p.do(button("Edit"))
		p.untilCount("[data-next] li", 5)
		if over := eval[int](p, wide); over > 0 {
			t.Errorf("the page is %d pixels too wide", over)
		}
		p.screenshot("schedule-form-phone-dark")
	})
}
