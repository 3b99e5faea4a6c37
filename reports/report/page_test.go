package report_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"roundtrip/reports/report"
)

// chromium is the path of a browser; without one the test is skipped, or fails
// where CI=true.
func chromium(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a browser; left out under -short")
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("no Chromium on the PATH, and CI=true does not allow to do without")
	}
	t.Skip("no Chromium on the PATH; this test needs one")
	return ""
}

// heard is what a page said and whom it asked.
type heard struct {
	mu          sync.Mutex
	said, asked []string
}

func (h *heard) hear(event any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		h.said = append(h.said, string(e.Type))
	case *runtime.EventExceptionThrown:
		h.said = append(h.said, e.ExceptionDetails.Error())
	case *cdplog.EventEntryAdded:
		h.said = append(h.said, e.Entry.Text)
	case *network.EventRequestWillBeSent:
		h.asked = append(h.asked, e.Request.URL)
	}
}

// faults finds what lies outside where it belongs: anything wider than the page,
// text outside its picture or over another text of it, a cell over the edge of
// its table, a glyph that no font has.
const faults = `(() => {
  const bad = [];
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > wide) bad.push('the page is ' + document.documentElement.scrollWidth + ' wide, and its window ' + wide);
  const inside = (a, b, slack) => a.left >= b.left - slack && a.right <= b.right + slack && a.top >= b.top - slack && a.bottom <= b.bottom + slack;
  for (const svg of document.querySelectorAll('svg')) {
    const box = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll('text')];
    for (const t of texts) if (!inside(t.getBoundingClientRect(), box, 1)) bad.push('text "' + t.textContent + '" leaves its picture ' + (svg.querySelector('title')?.textContent ?? ''));
    for (const shape of svg.querySelectorAll('rect, circle, polyline, path')) if (!inside(shape.getBoundingClientRect(), box, 2)) bad.push(shape.tagName + ' leaves its picture ' + (svg.querySelector('title')?.textContent ?? ''));
    if (svg.parentElement.className === 'curve') for (let i = 0; i < texts.length; i++) for (let j = i + 1; j < texts.length; j++) {
      const a = texts[i].getBoundingClientRect(), b = texts[j].getBoundingClientRect();
      const over = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top), beside = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      if (over > 4 && beside > 1) bad.push('text "' + texts[i].textContent + '" lies on "' + texts[j].textContent + '"');
    }
  }
  for (const cell of document.querySelectorAll('td, th, dd, dt, p, h1, h2, h3, .gauge, li')) {
    if (cell.scrollWidth > cell.clientWidth + 1 && getComputedStyle(cell).display !== 'inline') bad.push(cell.tagName + ' "' + cell.textContent.slice(0, 60) + '" is wider than its place');
    const box = cell.getBoundingClientRect(), table = cell.closest('table');
    if (table && getComputedStyle(table).overflowX === 'auto') continue; // on a phone it is moved under the finger
    if (box.right > wide + 1 || box.left < -1) bad.push(cell.tagName + ' "' + cell.textContent.slice(0, 60) + '" leaves the page');
  }
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 48;
  const pen = canvas.getContext('2d');
  const drawn = (c, family) => { pen.clearRect(0, 0, 48, 48); pen.font = '28px ' + family; pen.fillText(c, 4, 34); return canvas.toDataURL(); };
  for (const family of [getComputedStyle(document.body).fontFamily, getComputedStyle(document.querySelector('td')).fontFamily]) {
    const none = drawn('\u{10FFFE}', family);
    for (const c of new Set(document.body.textContent)) if (c > '~' && c.trim() && drawn(c, family) === none) bad.push('no font has ' + c);
    if (drawn('\u{10FFFD}', family) !== none) bad.push('the test of fonts tells nothing');
  }
  const ids = new Set();
  for (const e of document.querySelectorAll('[id]')) { if (ids.has(e.id)) bad.push('two elements are called ' + e.id); ids.add(e.id); }
  for (const a of document.querySelectorAll('a[href^="#"]')) if (!document.getElementById(a.getAttribute('href').slice(1))) bad.push('nothing is at ' + a.getAttribute('href'));
  return bad;
})()`

// TestThePageFitsA4 shows the report of the whole library at the width of the
// paper, as it prints and as it is on a screen.
func TestThePageFitsA4(t *testing.T) {
	path := chromium(t)
	in := shipped(t)
	in.Note = "Unbreakable" + strings.Repeat("word", 60)
	r := build(t, in)
	r.Alerts = []report.Raised{{Name: "ci", Title: "Circularity above a fifth", Text: "The circularity index is 23.2 %.", Key: "ci"}}
	page := written(t, r, "html")
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, page, 0o600); err != nil {
		t.Fatal(err)
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.Headless, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("hide-scrollbars", true), chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"),
		chromedp.WSURLReadTimeout(time.Minute),
	}
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium has no sandbox for root
	}
	alloc, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	defer cancel()
	ctx, cancelTab := chromedp.NewContext(alloc)
	defer cancelTab()
	defer func() { // the browser has to have ended before its profile is deleted
		if err := chromedp.Cancel(ctx); err != nil {
			t.Error(err)
		}
		chromedp.FromContext(ctx).Allocator.Wait()
	}()
	var h heard
	chromedp.ListenTarget(ctx, h.hear)
	if err := chromedp.Run(ctx, network.Enable(), cdplog.Enable(), chromedp.Navigate("file://"+file)); err != nil {
		t.Fatal(err)
	}
	for _, look := range []struct {
		media string
		width int64
	}{{"print", 673}, {"screen", 794}, {"screen", 390}} { // A4 without its margins, A4, a phone
		step, cancel := context.WithTimeout(ctx, time.Minute)
		var bad []string
		err := chromedp.Run(step, chromedp.EmulateViewport(look.width, 1000), emulation.SetEmulatedMedia().WithMedia(look.media), chromedp.Evaluate(faults, &bad))
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range bad {
			t.Errorf("%s, %d px: %s", look.media, look.width, b)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.said {
		t.Errorf("the page said: %s", s)
	}
	if len(h.asked) != 1 || h.asked[0] != "file://"+file {
		t.Errorf("the page asked %q, want itself alone", h.asked)
	}
}

func TestPDFHasPagesOrSaysWhatIsMissing(t *testing.T) {
	r := build(t, small(t))
	t.Run("without a browser", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		var b bytes.Buffer
		if err := report.Write(t.Context(), &b, "pdf", r); !errors.Is(err, report.ErrNoBrowser) || b.Len() > 0 {
			t.Errorf("the error is %v and %d bytes are written", err, b.Len())
		}
	})
	t.Run("with one", func(t *testing.T) {
		chromium(t)
		pdf := written(t, r, "pdf")
		pages := bytes.Count(pdf, []byte("/Type /Page\n")) + bytes.Count(pdf, []byte("/Type /Page ")) + bytes.Count(pdf, []byte("/Type /Page/"))
		if !bytes.HasPrefix(pdf, []byte("%PDF-")) || pages < 5 {
			t.Errorf("%d pages in %d bytes: %s", pages, len(pdf), fmt.Sprintf("%.40q", pdf))
		}
	})
}
