package deliver

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"net"
	"net/mail"
	"net/textproto"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// How a connection to the mail server is protected.
const (
	StartTLS = "starttls" // it begins in the open and must turn to TLS before anything is said
	TLS      = "tls"      // it is TLS from the first byte
	NoTLS    = "none"     // nothing protects it: for a relay on the same machine
)

// SMTP is the server that takes mail.
type SMTP struct {
	Host     string
	Port     int    // 0: 587, 465 with TLS, 25 with NoTLS
	Security string // StartTLS, which is also "", TLS or NoTLS
	Username string // "" logs in nowhere
	Password Secret
	From     string      // an address, with a name or without
	Config   *tls.Config // nil trusts what the system trusts
}

// email sends one message to all addresses of the recipient. It goes to all of
// them or to none.
func (s *Sender) email(ctx context.Context, to Recipient, p Parcel) *Error {
	from, err := mail.ParseAddress(s.o.SMTP.From)
	if err != nil || s.o.SMTP.Host == "" {
		return final("no mail server is set, or no sender; want the host and the sender's address in the settings")
	}
	m, e := s.message(from, to, p)
	if e != nil {
		return e
	}
	c, err := s.mailClient(ctx, from)
	if err != nil {
		return final("the mail server cannot be used: %v", err)
	}
	if err := c.DialWithContext(ctx); err != nil {
		return mailError(ctx, "reaching the mail server", err)
	}
	defer c.Close()                                       // the message is taken or not before the farewell
	if err := c.Send(m); err != nil && !m.IsDelivered() { // what comes after the server took it does not matter
		return mailError(ctx, "the mail server", err)
	}
	return nil
}

func (s *Sender) message(from *mail.Address, to Recipient, p Parcel) (*gomail.Msg, *Error) {
	m := gomail.NewMsg()
	if err := m.From(from.String()); err != nil {
		return nil, final("%q is not an e-mail address", s.o.SMTP.From)
	}
	if err := m.To(to.To...); err != nil {
		return nil, final("an address is not an e-mail address: %v", err)
	}
	sum := sha256.Sum256([]byte(p.Key))
	m.SetMessageIDWithValue(hex.EncodeToString(sum[:16]) + "@" + from.Address[strings.LastIndexByte(from.Address, '@')+1:])
	if p.At.IsZero() {
		p.At = s.o.Now()
	}
	m.SetDateWithValue(p.At)
	m.Subject(oneLine(p.Subject, 200))
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("X-Roundtrip-Key", headerText(p.Key))
	m.SetGenHeader("X-Roundtrip-Kind", p.kind())
	m.SetBodyString(gomail.TypeTextPlain, plainText(p))
	body, err := summaryHTML(p)
	if err != nil {
		return nil, final("the message cannot be written: %v", err)
	}
	m.AddAlternativeString(gomail.TypeTextHTML, "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>"+template.HTMLEscapeString(oneLine(p.Subject, 200))+"</title>\n<body>\n"+body+"</body></html>\n")
	for _, f := range p.Files {
		if err := m.AttachReader(f.Name, bytes.NewReader(f.Body), gomail.WithFileContentType(gomail.ContentType(f.ContentType))); err != nil {
			return nil, final("%s cannot be attached: %v", f.Name, err)
		}
	}
	return m, nil
}

func plainText(p Parcel) string {
	var b strings.Builder
	b.WriteString(p.Finding + "\n")
	for i, a := range p.Alerts {
		if i == 0 {
			b.WriteString("\n")
		}
		b.WriteString("- " + oneLine(a, 2000) + "\n")
	}
	if p.Notice != nil {
		for _, line := range p.Notice.Lines {
			b.WriteString("\n" + oneLine(line, 2000) + "\n")
		}
	}
	if p.Link != "" {
		b.WriteString("\n" + oneLine(p.Link, 2000) + "\n")
	}
	return b.String()
}

// mailClient is a client for one message. Its connection ends with the context.
func (s *Sender) mailClient(ctx context.Context, from *mail.Address) (*gomail.Client, error) {
	o := s.o.SMTP
	conf := o.Config.Clone()
	if conf == nil {
		conf = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if conf.ServerName == "" {
		conf.ServerName = o.Host
	}
	port := o.Port
	policy := gomail.TLSMandatory
	standard := 587
	switch o.Security {
	case "", StartTLS:
	case TLS:
		policy, standard = gomail.NoTLS, 465 // the connection is TLS already
	case NoTLS:
		policy, standard = gomail.NoTLS, 25
	default:
		return nil, fmt.Errorf("security is %q; want %s, %s or %s", o.Security, StartTLS, TLS, NoTLS)
	}
	if port == 0 {
		port = standard
	}
	dial := func(dialling context.Context, network, address string) (net.Conn, error) {
		d := &net.Dialer{Timeout: 10 * time.Second}
		var conn net.Conn
		var err error
		if o.Security == TLS {
			conn, err = (&tls.Dialer{NetDialer: d, Config: conf}).DialContext(dialling, network, address)
		} else {
			conn, err = d.DialContext(dialling, network, address)
		}
		if err != nil {
			return nil, err
		}
		return &bounded{conn, context.AfterFunc(ctx, func() { _ = conn.Close() })}, nil
	}
	options := []gomail.Option{
		gomail.WithPort(port), gomail.WithTLSPolicy(policy), gomail.WithTLSConfig(conf), gomail.WithTimeout(s.o.Timeout),
		gomail.WithDialContextFunc(dial), gomail.WithHELO(from.Address[strings.LastIndexByte(from.Address, '@')+1:]),
	}
	if o.Username != "" {
		auth := gomail.SMTPAuthAutoDiscover
		if o.Security == TLS {
			auth = gomail.SMTPAuthPlainNoEnc // the library does not see that the connection is TLS
		}
		options = append(options, gomail.WithSMTPAuth(auth), gomail.WithUsername(o.Username), gomail.WithPassword(string(o.Password)))
	}
	return gomail.NewClient(o.Host, options...)
}

// bounded is a connection that is closed when the context of its delivery ends.
type bounded struct {
	net.Conn
	stop func() bool
}

// Close closes the connection.
func (b *bounded) Close() error {
	b.stop()
	return b.Conn.Close()
}

// mailError is temporary unless the server answered with 5xx.
func mailError(ctx context.Context, problem string, err error) *Error {
	code := 0
	var sent *gomail.SendError
	var answered *textproto.Error
	switch {
	case errors.As(err, &sent):
		code = sent.ErrorCode()
	case errors.As(err, &answered):
		code = answered.Code
	}
	if ctx.Err() != nil && code == 0 {
		err = ctx.Err()
	}
	e := temporary(problem, err)
	e.Final = code >= 500 && code < 600
	return e
}
