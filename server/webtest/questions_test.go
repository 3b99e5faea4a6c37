package webtest

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestQuestions asks the questions that have names on the page of the real
// server, and names one.
func TestQuestions(t *testing.T) {
	browser := startBrowser(t)
	base := serve(t)
	listed := ask[struct {
		Queries []struct{ Name, Question string }
	}](t, base, "/saved-queries")

	t.Run("each is answered in a sentence, that of the program", func(t *testing.T) {
		p := open(browser, t, base, "/?view=questions", desk)
		p.untilCount("[data-question]", len(listed.Queries))
		for _, q := range listed.Queries {
			p.do(chromedp.Click(fmt.Sprintf("[data-question=%q]", q.Name), chromedp.ByQuery))
			p.reads("h2", q.Question)
			answer := ask[struct {
				Finding        string
				Base, Scenario struct{ Finding string }
			}](t, base, "/saved-queries/"+q.Name+"/run")
			if answer.Finding != "" {
				p.reads(`[data-finding=""]`, answer.Finding)
				continue
			}
			p.reads(`[data-finding="before"]`, answer.Base.Finding)
			p.reads(`[data-finding="after"]`, answer.Scenario.Finding)
		}
	})

	t.Run("the whole answer has the same lens and parameters", func(t *testing.T) {
		p := open(browser, t, base, "/?view=questions&query=amazon-promise", desk)
		p.reads("[data-asked]", "Amazon, OpenAI")
		p.reads(`[data-finding=""]`, "$10.0bn (26.3 %) is funded by Amazon itself")
		p.screenshot("questions")
		p.do(chromedp.Click("[data-whole]", chromedp.ByQuery))
		p.reads("[data-finding]", "$10.0bn (26.3 %) is funded by Amazon itself")
		if q := p.query(); q != "?as_of=2025-12-16&companies=amazon,openai&analysis=coverage" {
			t.Errorf("the address is %s", q)
		}
		p.do(chromedp.NavigateBack())
		p.untilCount("[data-whole]", 1)

		p.do(chromedp.Navigate(base + "/?view=questions&query=trainium-stand-off"))
		p.untilCount(`[data-finding="after"]`, 1)
		after := p.text(`[data-finding="after"]`)
		p.do(chromedp.Click("[data-whole]", chromedp.ByQuery))
		p.untilCount(".comparison", 1)
		p.reads(`[data-finding="after"]`, after)
	})

	t.Run("one is found by a word, named, asked again and deleted", func(t *testing.T) {
		p := open(browser, t, base, "/?as_of=2025-12-16&companies=amazon,openai&analysis=coverage&coverage.rule=fifo", desk)
		p.refusals = true
		p.reads("[data-finding]", "OpenAI")
		finding := p.text("[data-finding]")
		p.do(chromedp.Click("[data-save-question] summary", chromedp.ByQuery))
		p.fill("[data-save-question] .wide input", "Biggest loops")
		p.do(button("Save"))
		p.reads("[data-save-question] .error", "There is a question named biggest-loops already")
		p.fill("[data-save-question] .wide input", "What pays for Amazon, in order?")
		p.do(button("Save"))
		p.reads("[data-kept]", "what-pays-for-amazon-in-order")
		p.screenshot("questions-saved")
		p.do(chromedp.Click("[data-kept] a", chromedp.ByQuery))
		p.reads("h2", "What pays for Amazon, in order?")
		p.reads(`[data-finding=""]`, finding)
		p.reads("[data-asked]", "fifo")
		p.fill("#questions-find", "order pays")
		p.untilCount("[data-question]", 1)
		p.do(button("Delete"))
		p.do(button("Delete what-pays-for-amazon-in-order for good"))
		p.untilCount("[data-question]", 0)
	})

	t.Run("a statement is shown, and told where it cannot run", func(t *testing.T) {
		put(t, base, "/saved-queries/by-id", "name: by-id\nquestion: Which company is it?\ncypher: |\n  MATCH (c:Company {id: $id})\n  RETURN c.name AS name\nparameters:\n  - {name: id, type: text, default: openai, description: Id of the company, refs: company}\n")
		p := open(browser, t, base, "/?view=questions&query=by-id", desk)
		p.refusals = true
		p.reads("pre", "MATCH (c:Company {id: $id})")
		p.reads("form", "Id of the company")
		p.do(button("Run"))
		p.reads(".problem", "the embedded store runs no Cypher")
		p.screenshot("questions-cypher")
	})

	t.Run("nothing scrolls sideways on a phone", func(t *testing.T) {
		for name, address := range map[string]string{
			"phone-questions": "/?view=questions", "phone-question": "/?view=questions&query=trainium-stand-off", "phone-statement": "/?view=questions&query=by-id",
		} {
			phone := look{width: 390, height: 844, dark: true}
			p := open(browser, t, base, address, phone)
			p.until("it is drawn", `document.querySelector('h2') !== null && !document.body.innerText.includes('Working it out')`)
			p.screenshot(name)
			if wide := eval[int](p, `document.documentElement.scrollWidth`); int64(wide) > phone.width {
				t.Errorf("%s is %d wide", name, wide)
			}
		}
	})
}
