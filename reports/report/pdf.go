package report

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// ErrNoBrowser is what PDF is refused with where there is no Chromium.
var ErrNoBrowser error = noBrowser{}

type noBrowser struct{}

func (noBrowser) Error() string {
	return "PDF is written by Chromium, and none of " + strings.Join(browsers(), ", ") + " is on the PATH; install one, or ask for html and print it"
}

// Final says that another try cannot help.
func (noBrowser) Final() bool { return true }

// browsers are the names under which Chromium is looked for, in this order.
func browsers() []string {
	return []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}
}

// Browser is the path of the Chromium that writes PDF, ErrNoBrowser where there is
// none.
func Browser() (string, error) {
	for _, name := range browsers() {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrNoBrowser
}

// Writable tells why a form of reports can never be written on this machine; nil
// where it can.
func Writable(form string) error {
	if form != "pdf" {
		return nil
	}
	_, err := Browser()
	return err
}

// browserTime bounds one printing.
const browserTime = 2 * time.Minute

// writePDF prints the page. The browser gets a profile of its own, which is
// deleted, and reaches no host.
func writePDF(ctx context.Context, w io.Writer, r *Report) (err error) {
	browser, err := Browser()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "roundtrip-pdf-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	var page bytes.Buffer
	if err := writeHTML(&page, r); err != nil {
		return err
	}
	in, out := filepath.Join(dir, "report.html"), filepath.Join(dir, "report.pdf")
	if err := os.WriteFile(in, page.Bytes(), 0o600); err != nil {
		return err
	}
	args := []string{
		"--headless", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--no-pdf-header-footer", "--disable-background-networking", "--disable-component-update",
		"--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND", "--user-data-dir=" + filepath.Join(dir, "profile"), "--print-to-pdf=" + out,
	}
	if os.Geteuid() == 0 {
		args = append(args, "--no-sandbox") // Chromium has no sandbox for root
	}
	ctx, cancel := context.WithTimeout(ctx, browserTime)
	defer cancel()
	run := exec.CommandContext(ctx, browser, append(args, "file://"+in)...)
	run.WaitDelay = 5 * time.Second
	var said bytes.Buffer
	run.Stdout, run.Stderr = &said, &said
	failed := run.Run()
	pdf, err := os.ReadFile(out)
	if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF")) {
		return fmt.Errorf("%s wrote no PDF (%w): %s", browser, errors.Join(failed, ctx.Err()), lastLine(said.String()))
	}
	_, err = w.Write(pdf)
	return err
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
