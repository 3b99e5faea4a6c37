package webtest

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestExplorer opens /docs, reads an operation and tries it.
func TestExplorer(t *testing.T) {
	browser := startBrowser(t)
	base := serve(t)
	p := open(browser, t, base, "/docs", desk)
	p.until("the operations are listed", "document.querySelectorAll('nav a[href^=\"#\"]').length > 40")
	p.do(chromedp.Click(`nav a[href="#ask_cycles"]`, chromedp.ByQuery))
	p.reads("main h2", "Loops of value")
	p.until("the limits are told", `[...document.querySelectorAll('main td')].some((e) => e.innerText.includes('at least 2; at most 12; default 5'))`)
	p.do(chromedp.SendKeys(`input[name="as_of"]`, "2025-12-16", chromedp.ByQuery), chromedp.SendKeys(`input[name="companies"]`, "amazon,openai", chromedp.ByQuery))
	p.do(chromedp.Click("main form button", chromedp.ByQuery))
	p.reads("main form pre", "c_826e4949452cccdb")
	if text := p.text("main form pre"); !strings.HasPrefix(text, "GET /api/v1/analyses/cycles?as_of=2025-12-16&companies=amazon%2Copenai\n200 application/json") {
		t.Errorf("the explorer shows %.200s", text)
	}
	p.screenshot("explorer")
	p.do(chromedp.SendKeys("#find", "imports", chromedp.ByQuery))
	p.untilCount(`nav a[href^="#"]`, 3)
}
