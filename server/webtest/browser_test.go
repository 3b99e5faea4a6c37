package webtest

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// patience bounds one step in the browser; a loaded machine is slow.
const patience = 30 * time.Second

// startBrowser starts one Chromium with an empty profile. The context it
// returns makes tabs.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a browser; left out under -short")
	}
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("no Chromium on the PATH, and CI=true does not allow to do without")
		}
		t.Skip("no Chromium on the PATH; the tests of the page need one")
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.Headless, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.NoDefaultBrowserCheck, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("lang", "en-GB"),
		// Whatever else the browser might want to ask does not exist.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
		chromedp.WSURLReadTimeout(time.Minute),
	}
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium has no sandbox for root
	}
	// The context of the test ends before its cleanups; a browser that is killed
	// may still write into its profile while that is removed.
	alloc, cancel := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	t.Cleanup(cancel)
	browser, cancelBrowser := chromedp.NewContext(alloc)
	t.Cleanup(func() {
		if err := chromedp.Cancel(browser); err != nil {
			t.Logf("close the browser: %v", err)
		}
		cancelBrowser()
	})
	if err := chromedp.Run(browser); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return browser
}

// tab is one open page that remembers what it said and whom it asked.
type tab struct {
	t    *testing.T
	ctx  context.Context
	base string

	// refusals tells that the test provokes answers of 422 or 412, which the
	// browser reports on its console.
	refusals bool

	mu       sync.Mutex
	said     []string // warnings, errors and exceptions
	asked    []string // addresses of all requests
	received int      // answers
}

// look is how the screen is.
type look struct {
	width, height int64
	dark          bool
}

var (
	desk   = look{width: 1440, height: 900}
	narrow = look{width: 400, height: 860}
)

// open makes a tab and goes to the address below the server's. When the test
// ends it fails for every word on the console and every request elsewhere.
func open(browser context.Context, t *testing.T, base, address string, l look) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	p := &tab{t: t, ctx: ctx, base: base}
	chromedp.ListenTarget(ctx, p.hear)
	scheme := "light"
	if l.dark {
		scheme = "dark"
	}
	p.do(
		network.Enable(), cdplog.Enable(),
		chromedp.EmulateViewport(l.width, l.height),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme},
			{Name: "prefers-reduced-motion", Value: "reduce"},
		}),
		chromedp.Navigate(base+address),
	)
	t.Cleanup(func() {
		p.check()
		cancel()
	})
	return p
}

func (p *tab) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError || e.Type == runtime.APITypeWarning || e.Type == runtime.APITypeAssert {
			var words []string
			for _, a := range e.Args {
				words = append(words, string(a.Value)+a.Description)
			}
			p.said = append(p.said, fmt.Sprintf("console.%s: %s", e.Type, strings.Join(words, " ")))
		}
	case *runtime.EventExceptionThrown:
		p.said = append(p.said, "exception: "+e.ExceptionDetails.Error())
	case *cdplog.EventEntryAdded:
		if e.Entry.Level == cdplog.LevelError || e.Entry.Level == cdplog.LevelWarning {
			p.said = append(p.said, fmt.Sprintf("%s %s: %s %s", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL))
		}
	case *network.EventRequestWillBeSent:
		p.asked = append(p.asked, e.Request.URL)
	case *network.EventWebSocketCreated:
		p.asked = append(p.asked, e.URL)
	case *network.EventResponseReceived:
		p.received++
	}
}

// check fails the test for what the page said and whom it asked.
func (p *tab) check() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.said {
		if p.refusals && strings.HasPrefix(s, "network error: ") && (strings.Contains(s, "status of 422") || strings.Contains(s, "status of 412")) {
			continue
		}
		p.t.Errorf("the page said: %s", s)
	}
	if p.received == 0 {
		p.t.Error("no answer was seen, so the check of requests would find nothing")
	}
	for _, a := range p.asked {
		if !strings.HasPrefix(a, p.base+"/") && !strings.HasPrefix(a, "data:") && !strings.HasPrefix(a, "blob:"+p.base+"/") {
			p.t.Errorf("the page asked %s, which is not its own server", a)
		}
	}
}

// do runs browser steps.
func (p *tab) do(actions ...chromedp.Action) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	// The first step of a tab creates it, and must not end with this step's
	// deadline.
	if chromedp.FromContext(p.ctx).Target == nil {
		if err := chromedp.Run(p.ctx); err != nil {
			p.t.Fatalf("open a tab: %v", err)
		}
	}
	if err := chromedp.Run(ctx, actions...); err != nil {
		p.t.Fatalf("in the browser: %v%s", err, p.state())
	}
}

// eval evaluates JavaScript in the page into a value of type T.
func eval[T any](p *tab, script string) T {
	p.t.Helper()
	var v T
	p.do(chromedp.Evaluate(script, &v))
	return v
}

// until waits for a script to be true.
func (p *tab) until(what, script string) {
	p.t.Helper()
	deadline := time.Now().Add(patience)
	for !eval[bool](p, "Boolean("+script+")") {
		if time.Now().After(deadline) {
			p.t.Fatalf("waited %v in vain until %s%s", patience, what, p.state())
		}
		time.Sleep(30 * time.Millisecond)
	}
}

// state describes the page for the message of a failure.
func (p *tab) state() string {
	ctx, cancel := context.WithTimeout(p.ctx, 2*time.Second)
	defer cancel()
	var address, text string
	if err := chromedp.Run(ctx, chromedp.Location(&address), chromedp.Evaluate(`document.body.innerText.slice(0, 1500)`, &text)); err != nil {
		return ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return fmt.Sprintf("\nat %s\nthe page reads:\n%s\nand said: %q", address, text, p.said)
}

// count counts the elements that a selector finds.
func (p *tab) count(selector string) int {
	p.t.Helper()
	return eval[int](p, fmt.Sprintf("document.querySelectorAll(%q).length", selector))
}

// untilCount waits for that many elements.
func (p *tab) untilCount(selector string, n int) {
	p.t.Helper()
	p.until(fmt.Sprintf("%d elements match %s", n, selector), fmt.Sprintf("document.querySelectorAll(%q).length === %d", selector, n))
}

// text is the visible text of the first element that a selector finds.
func (p *tab) text(selector string) string {
	p.t.Helper()
	return eval[string](p, fmt.Sprintf("document.querySelector(%q)?.innerText ?? ''", selector))
}

// reads waits until that text is to be seen in the element.
func (p *tab) reads(selector, text string) {
	p.t.Helper()
	p.until(fmt.Sprintf("%s reads %q", selector, text), fmt.Sprintf("(document.querySelector(%q)?.innerText ?? '').includes(%q)", selector, text))
}

// query is the query of the page's address.
func (p *tab) query() string {
	p.t.Helper()
	return eval[string](p, "decodeURIComponent(location.search)")
}

// fill types a text over what a field holds.
func (p *tab) fill(selector, text string) {
	p.t.Helper()
	eval[bool](p, fmt.Sprintf("(document.querySelector(%q).select(), true)", selector))
	p.do(chromedp.SendKeys(selector, text, chromedp.ByQuery))
}

// enter types a text over what a field holds, and the return key.
func (p *tab) enter(selector, text string) {
	p.t.Helper()
	p.fill(selector, text+kb.Enter)
}

// clickEdge clicks on the line of an edge, at a point where no other line or
// circle lies above it.
func (p *tab) clickEdge(key string) {
	p.t.Helper()
	point := eval[[]float64](p, fmt.Sprintf(`(() => {
		const edge = document.querySelector('[data-edge="' + CSS.escape(%q) + '"]');
		const shaft = edge.querySelector('.shaft'), length = shaft.getTotalLength(), box = shaft.ownerSVGElement.getBoundingClientRect();
		for (let i = 1; i < 40; i++) {
			const at = shaft.getPointAtLength(length * i / 40);
			if (edge.contains(document.elementFromPoint(box.x + at.x, box.y + at.y))) return [box.x + at.x, box.y + at.y];
		}
		return [];
	})()`, key))
	if len(point) != 2 {
		over := eval[string](p, fmt.Sprintf(`(() => {
			const shaft = document.querySelector('[data-edge="%s"] .shaft'), box = shaft.ownerSVGElement.getBoundingClientRect();
			return [...Array(9).keys()].map((i) => shaft.getPointAtLength(shaft.getTotalLength() * (i + 1) / 10))
				.map((at) => document.elementFromPoint(box.x + at.x, box.y + at.y)).map((e) => e?.closest('[data-edge], [data-node]')?.outerHTML.slice(0, 120) ?? e?.outerHTML.slice(0, 120)).join('\n');
		})()`, key))
		p.t.Fatalf("no point of the edge %s lies open; above it lie\n%s", key, over)
	}
	p.do(chromedp.MouseClickXY(point[0], point[1]))
}

// screenshot takes a picture of what is in view, keeps it where that was asked
// for, and returns it.
func (p *tab) screenshot(name string) image.Image {
	p.t.Helper()
	var b []byte
	p.do(chromedp.CaptureScreenshot(&b))
	if dir := os.Getenv("ROUNDTRIP_SCREENSHOTS"); dir != "" {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			p.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name+".png"), b, 0o644); err != nil {
			p.t.Fatal(err)
		}
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		p.t.Fatalf("the screenshot is no PNG: %v", err)
	}
	return img
}

// brightness is the median grey of the picture, 0 to 255.
func brightness(img image.Image) int {
	var greys []int
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y += 7 {
		for x := b.Min.X; x < b.Max.X; x += 7 {
			r, g, bl, _ := img.At(x, y).RGBA()
			greys = append(greys, int((r+g+bl)/3>>8))
		}
	}
	slices.Sort(greys)
	return greys[len(greys)/2]
}
