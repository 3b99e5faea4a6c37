package deliver

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/mail"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Kinds of recipients.
const (
	Folder  = "folder"
	Webhook = "webhook"
	Slack   = "slack"
	Email   = "email"
	Atom    = "atom"
)

// Kinds are the kinds of recipients, in the order of the documentation.
func Kinds() []string { return []string{Folder, Webhook, Slack, Email, Atom} }

// Bodies of a webhook.
const (
	Envelope  = "envelope" // JSON with the finding, the alerts and the files
	FirstFile = "file"     // the first file of the parcel as it is
)

// Recipient is where a parcel goes. Which fields count follows from Kind.
type Recipient struct {
	Name    string
	Kind    string
	Path    string   // folder: a directory; atom: a file
	URL     string   // webhook, slack; may hold a secret and is never shown
	To      []string // email: addresses
	Secrets []Secret // webhook: each signs; none leaves the body unsigned
	Body    string   // webhook: Envelope, which is also "", or FirstFile
	Entries int      // atom: entries that the feed keeps, 0 for 50
}

// Secret is a text that is never written: whatever prints it prints [secret].
type Secret string

// String hides the secret.
func (Secret) String() string { return "[secret]" }

// GoString hides the secret.
func (Secret) GoString() string { return "[secret]" }

// MarshalText hides the secret.
func (Secret) MarshalText() ([]byte, error) { return []byte("[secret]"), nil }

// Parcel is what is delivered.
type Parcel struct {
	Key     string    // the same for every attempt, another one for every other parcel
	Subject string    // one line
	Finding string    // one sentence
	Alerts  []string  // what was raised, a sentence each
	Link    string    // of the report on the page of the server; "" for none
	At      time.Time // of the report
	Files   []File
	Notice  *Notice // what it is instead of a report
}

// File is one file of a parcel.
type File struct {
	Name        string // letters, digits, dots, hyphens and underscores
	ContentType string
	Body        []byte
}

// Bounds of a parcel, in bytes of all its files.
const (
	MaxFolder  = 512 << 20
	MaxWebhook = 32 << 20
	MaxEmail   = 20 << 20
)

// Options are what a Sender needs of the settings.
type Options struct {
	SMTP    SMTP
	Timeout time.Duration    // of one attempt, 0 for a minute
	Now     func() time.Time // for signatures and for what a killed attempt left; nil is time.Now
	Agent   string           // the User-Agent header, "" for roundtrip
}

// Sender delivers parcels. It may be used by several goroutines.
type Sender struct {
	o     Options
	http  *http.Client
	feeds sync.Mutex // one feed is written at a time
}

// NewSender makes a Sender.
func NewSender(o Options) *Sender {
	if o.Timeout <= 0 {
		o.Timeout = time.Minute
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Agent == "" {
		o.Agent = "roundtrip"
	}
	dial := &net.Dialer{Timeout: 10 * time.Second}
	return &Sender{o: o, http: &http.Client{
		CheckRedirect: checkRedirect,
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: dial.DialContext, TLSHandshakeTimeout: 10 * time.Second,
			ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: 64 << 10,
		},
	}}
}

// Send delivers the parcel, once. The error is an *Error.
func (s *Sender) Send(ctx context.Context, to Recipient, p Parcel) error {
	if err := Check(to); err != nil {
		return err
	}
	if p.Notice != nil {
		p.Files = nil
	}
	if problem := p.fault(); problem != "" {
		return &Error{Recipient: to.Name, Kind: to.Kind, Final: true, Problem: problem}
	}
	limit := map[string]int{Folder: MaxFolder, Webhook: MaxWebhook, Email: MaxEmail}[to.Kind]
	if size := p.size(); limit > 0 && size > limit {
		return &Error{Recipient: to.Name, Kind: to.Kind, Final: true, Problem: fmt.Sprintf("the files have %d bytes together; at most %d are allowed", size, limit)}
	}
	ctx, cancel := context.WithTimeout(ctx, s.o.Timeout)
	defer cancel()
	send := map[string]func(context.Context, Recipient, Parcel) *Error{
		Folder: s.folder, Webhook: s.webhook, Slack: s.slack, Email: s.email, Atom: s.atom,
	}[to.Kind]
	if err := send(ctx, to, p); err != nil {
		err.Recipient, err.Kind = to.Name, to.Kind
		return err
	}
	return nil
}

// Check tells what a recipient lacks, before anything is sent to it. The error is
// an *Error and final.
func Check(to Recipient) error {
	if problem := to.fault(); problem != "" {
		return &Error{Recipient: to.Name, Kind: to.Kind, Final: true, Problem: problem}
	}
	return nil
}

func (r Recipient) fault() string {
	switch r.Kind {
	case Folder, Atom:
		if !filepath.IsAbs(r.Path) {
			return fmt.Sprintf("path %q is not absolute", r.Path)
		}
		if r.Entries < 0 || r.Entries > 1000 {
			return fmt.Sprintf("entries is %d; want 1 to 1000, or 0 for %d", r.Entries, feedEntries)
		}
	case Webhook, Slack:
		u, err := url.Parse(r.URL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return "url is not an address that begins with http:// or https:// and has a host" // it may be a secret
		}
		if !slices.Contains([]string{"", Envelope, FirstFile}, r.Body) {
			return fmt.Sprintf("body is %q; want %s or %s", r.Body, Envelope, FirstFile)
		}
		for _, secret := range r.Secrets {
			if len(secret) < minSecret {
				return fmt.Sprintf("a secret has %d characters; want at least %d", len(secret), minSecret)
			}
		}
	case Email:
		if len(r.To) == 0 {
			return "there is no address in to"
		}
		for _, address := range r.To {
			if a, err := mail.ParseAddress(address); err != nil || !plainLine(address) || !plainLine(a.Address) {
				return fmt.Sprintf("%q is not an e-mail address", address)
			}
		}
	default:
		return fmt.Sprintf("kind is %q; want one of %s", r.Kind, strings.Join(Kinds(), ", "))
	}
	return ""
}

func (p Parcel) fault() string {
	if p.Key == "" || len(p.Key) > 200 || !plainLine(p.Key) {
		return fmt.Sprintf("the key is %q; want one line of at most 200 characters", p.Key)
	}
	seen := map[string]bool{}
	for _, f := range p.Files {
		switch {
		case !safeName(f.Name):
			return fmt.Sprintf("a file is called %q; want letters, digits, dots, hyphens and underscores, not a dot at the beginning", f.Name)
		case seen[strings.ToLower(f.Name)]:
			return fmt.Sprintf("two files are called %s", f.Name)
		case !plainLine(f.ContentType):
			return fmt.Sprintf("the content type of %s is %q; want one line", f.Name, f.ContentType)
		}
		seen[strings.ToLower(f.Name)] = true
	}
	return ""
}

func (p Parcel) size() int {
	n := 0
	for _, f := range p.Files {
		n += len(f.Body)
	}
	return n
}

// safeName tells whether a name can be that of a file everywhere, in a header
// too.
func safeName(name string) bool {
	if name == "" || len(name) > 120 || name[0] == '.' || name[0] == '-' {
		return false
	}
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '.' && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// plainLine tells whether a text is valid and has no control characters.
func plainLine(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(c rune) bool { return c < ' ' || c >= 0x7f && c <= 0x9f })
}

// oneLine is the text on one line of at most n characters.
func oneLine(s string, n int) string {
	s = strings.ToValidUTF8(s, "�")
	s = strings.Join(strings.FieldsFunc(s, func(c rune) bool { return c <= ' ' || c >= 0x7f && c <= 0x9f }), " ")
	return shortened(s, n)
}

// shortened is the text, cut to n characters with an ellipsis at the end where it
// is longer.
func shortened(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}
