package deliver_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"net"
	"net/mail"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"roundtrip/reports/deliver"
)

// mailServer speaks SMTP on loopback with a certificate of its own.
type mailServer struct {
	port  int
	trust *x509.CertPool
	conf  *tls.Config
	tls   bool                                     // from the first byte
	say   func(connection int, verb string) string // an answer of its own; "" is the usual one, "hang" none at all, "drop" closes
	login string                                   // base64 of what AUTH PLAIN must send

	sync.Mutex
	connections int
	inTheOpen   []string // what was said before TLS
	rcpt        []string
	messages    []string
}

func newMailServer(t *testing.T, change func(*mailServer)) *mailServer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cert := &x509.Certificate{SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, cert, cert, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	s := &mailServer{trust: x509.NewCertPool(), conf: &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	s.trust.AddCert(parsed)
	if change != nil {
		change(s)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.port = l.Addr().(*net.TCPAddr).Port
	var open sync.WaitGroup
	open.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			open.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() { l.Close(); open.Wait() })
	return s
}

func (s *mailServer) serve(conn net.Conn) {
	defer func() { conn.Close() }()
	s.Lock()
	s.connections++
	number := s.connections
	s.Unlock()
	secure := s.tls
	if secure {
		conn = tls.Server(conn, s.conf)
	}
	text := textproto.NewConn(conn)
	answer := func(verb, usual string) bool {
		if s.say != nil {
			switch own := s.say(number, verb); own {
			case "":
			case "drop":
				return false
			case "hang":
				_, _ = text.ReadLine() // until the client leaves
				return false
			default:
				usual = own
			}
		}
		return text.PrintfLine("%s", usual) == nil
	}
	if !answer("greeting", "220 mail.example.net ESMTP") {
		return
	}
	var to []string
	for {
		line, err := text.ReadLine()
		if err != nil {
			return
		}
		if !secure {
			s.Lock()
			s.inTheOpen = append(s.inTheOpen, line)
			s.Unlock()
		}
		verb, rest, _ := strings.Cut(line, " ")
		var ok bool
		switch verb = strings.ToUpper(verb); verb {
		case "EHLO":
			extra := "250-STARTTLS\r\n"
			if secure {
				extra = "250-AUTH PLAIN\r\n"
			}
			ok = answer(verb, "250-mail.example.net\r\n"+extra+"250 8BITMIME")
		case "STARTTLS":
			ok = answer(verb, "220 go ahead")
			conn = tls.Server(conn, s.conf)
			text, secure = textproto.NewConn(conn), true
		case "AUTH":
			if rest == "PLAIN "+s.login {
				ok = answer(verb, "235 welcome")
			} else {
				ok = answer(verb, "535 5.7.8 no")
			}
		case "RCPT":
			to = append(to, rest)
			ok = answer(verb, "250 ok")
		case "DATA":
			if !answer(verb, "354 go on") {
				return
			}
			b, err := io.ReadAll(text.DotReader())
			if err != nil {
				return
			}
			s.Lock()
			s.messages, s.rcpt = append(s.messages, string(b)), append(s.rcpt, to...)
			s.Unlock()
			ok = answer("taken", "250 taken")
		case "QUIT":
			answer(verb, "221 bye")
			return
		default:
			ok = answer(verb, "250 ok")
		}
		if !ok {
			return
		}
	}
}

func (s *mailServer) sender(timeout time.Duration, change func(*deliver.SMTP)) *deliver.Sender {
	o := deliver.SMTP{Host: "127.0.0.1", Port: s.port, From: "Reports <reports@example.net>", Config: &tls.Config{RootCAs: s.trust, MinVersion: tls.VersionTLS12}}
	if change != nil {
		change(&o)
	}
	return deliver.NewSender(deliver.Options{SMTP: o, Timeout: timeout, Now: now})
}

func mailTo() deliver.Recipient {
	return deliver.Recipient{Name: "desk", Kind: deliver.Email, To: []string{"ann@example.net", "Bob Smith <bob@example.org>"}}
}

func TestAMessageHasTextHTMLAndFilesAndAnIdOfItsKeyAndNothingIsSaidInTheOpen(t *testing.T) {
	s := newMailServer(t, nil)
	p := parcel()
	p.Subject = "Täglich: 1 new loop\r\nBcc: eve@example.com"
	p.Finding += "\r\n.\r\nMAIL FROM:<eve@example.com>"
	for range 2 {
		if err := s.sender(0, nil).Send(t.Context(), mailTo(), p); err != nil {
			t.Fatal(err)
		}
	}
	for _, line := range s.inTheOpen {
		if !strings.HasPrefix(line, "EHLO ") && line != "STARTTLS" {
			t.Errorf("said in the open: %s", line)
		}
	}
	if got := strings.Join(s.rcpt, " "); got != strings.Repeat("TO:<ann@example.net> TO:<bob@example.org> ", 2)[:len(got)] || len(s.messages) != 2 {
		t.Errorf("sent %d messages to %s", len(s.messages), got)
	}
	var ids []string
	for _, text := range s.messages {
		m, err := mail.ReadMessage(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, m.Header.Get("Message-ID"))
		subject, _ := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		if subject != "Täglich: 1 new loop Bcc: eve@example.com" || m.Header.Get("Bcc") != "" || m.Header.Get("X-Roundtrip-Key") != p.Key || m.Header.Get("Auto-Submitted") != "auto-generated" {
			t.Errorf("header is %v", m.Header)
		}
		if at, err := m.Header.Date(); err != nil || !at.Equal(p.At) {
			t.Errorf("date is %s (%v)", at, err)
		}
		parts := map[string]string{}
		readParts(t, m.Header.Get("Content-Type"), m.Body, parts)
		if len(parts) != 4 || parts["report.html"] != "<p>€</p>" || parts["report.json"] != "{}" || !strings.Contains(parts["text/plain"], "MAIL FROM:<eve@example.com>") || !strings.Contains(parts["text/html"], "<li>New loop above 1 bn: nvidia → openai → oracle.</li>") {
			t.Errorf("parts are %q", parts)
		}
	}
	if ids[0] != ids[1] || !strings.HasSuffix(ids[0], "@example.net>") {
		t.Errorf("ids are %q", ids)
	}
}

// readParts reads the leaves of a message by file name or else by type.
func readParts(t *testing.T, contentType string, body io.Reader, parts map[string]string) {
	t.Helper()
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatal(err)
	}
	for r := multipart.NewReader(body, params["boundary"]); ; {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		kind, _, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(kind, "multipart/") {
			readParts(t, p.Header.Get("Content-Type"), p, parts)
			continue
		}
		var in io.Reader = p // quoted-printable is decoded already
		if p.Header.Get("Content-Transfer-Encoding") == "base64" {
			in = base64.NewDecoder(base64.StdEncoding, p)
		}
		b, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		if p.FileName() != "" {
			kind = p.FileName()
		}
		parts[kind] = string(b)
	}
}

func TestMailGoesOverTLSFromTheFirstByteAndLogsIn(t *testing.T) {
	login := base64.StdEncoding.EncodeToString([]byte("\x00reports\x00hunter2hunter2"))
	for _, security := range []string{deliver.TLS, deliver.StartTLS} {
		s := newMailServer(t, func(s *mailServer) { s.tls, s.login = security == deliver.TLS, login })
		as := func(password deliver.Secret) func(*deliver.SMTP) {
			return func(o *deliver.SMTP) { o.Security, o.Username, o.Password = security, "reports", password }
		}
		if err := s.sender(0, as("hunter2hunter2")).Send(t.Context(), mailTo(), parcel()); err != nil || len(s.messages) != 1 {
			t.Errorf("%s: %v", security, err)
		}
		if err := s.sender(0, as("wrong-password")).Send(t.Context(), mailTo(), parcel()); !deliver.Final(err) || strings.Contains(err.Error(), "wrong-password") {
			t.Errorf("%s with another password: %v", security, err)
		}
	}
}

func TestACertificateThatIsNotTrustedStopsTheMail(t *testing.T) {
	for _, security := range []string{deliver.TLS, deliver.StartTLS} {
		s := newMailServer(t, func(s *mailServer) { s.tls = security == deliver.TLS })
		err := s.sender(0, func(o *deliver.SMTP) { o.Security, o.Config = security, nil }).Send(t.Context(), mailTo(), parcel())
		if err == nil || deliver.Final(err) || !strings.Contains(err.Error(), "certificate") || len(s.messages) != 0 {
			t.Errorf("%s: %v", security, err)
		}
	}
}

func TestWhatAMailServerAnswersSaysWhetherToTryAgain(t *testing.T) {
	for _, tt := range []struct {
		verb, answer string
		final        bool
	}{
		{"greeting", "421 busy", false},
		{"greeting", "554 no", true},
		{"greeting", "drop", false},
		{"EHLO", "550 no", false},
		{"STARTTLS", "454 not now", false},
		{"MAIL", "451 later", false},
		{"MAIL", "550 not you", true},
		{"RCPT", "450 4.2.0 greylisted, come back in 5 minutes", false},
		{"RCPT", "550 5.1.1 nobody", true},
		{"DATA", "451 later", false},
		{"DATA", "554 no", true},
		{"taken", "452 full", false},
		{"taken", "552 too big", true},
		{"taken", "drop", false},
	} {
		s := newMailServer(t, func(s *mailServer) {
			s.say = func(connection int, verb string) string {
				if verb == tt.verb && connection == 1 {
					return tt.answer
				}
				return ""
			}
		})
		sender := s.sender(time.Second, nil)
		err := sender.Send(t.Context(), mailTo(), parcel())
		if err == nil || deliver.Final(err) != tt.final {
			t.Errorf("%s answered with %s gives %v, want final %t", tt.verb, tt.answer, err, tt.final)
		}
		if err := sender.Send(t.Context(), mailTo(), parcel()); err != nil {
			t.Errorf("after %s was answered with %s: %v", tt.verb, tt.answer, err)
		}
	}
}

func TestWhatFailsAfterTheServerTookTheMessageIsNoFailure(t *testing.T) {
	for _, verb := range []string{"RSET", "QUIT"} {
		for _, answer := range []string{"drop", "550 no", "hang"} {
			s := newMailServer(t, func(s *mailServer) {
				s.say = func(_ int, v string) string {
					if v == verb {
						return answer
					}
					return ""
				}
			})
			if err := s.sender(400*time.Millisecond, nil).Send(t.Context(), mailTo(), parcel()); err != nil || len(s.messages) != 1 {
				t.Errorf("%s answered with %s: %v, %d messages", verb, answer, err, len(s.messages))
			}
		}
	}
}

func TestAMailServerThatStallsIsLeftWhenTheTimeIsUp(t *testing.T) {
	for _, verb := range []string{"greeting", "EHLO", "MAIL", "RCPT", "DATA", "taken"} {
		s := newMailServer(t, func(s *mailServer) {
			s.say = func(_ int, v string) string {
				if v == verb {
					return "hang"
				}
				return ""
			}
		})
		start := time.Now()
		err := s.sender(300*time.Millisecond, nil).Send(t.Context(), mailTo(), parcel())
		if err == nil || deliver.Final(err) || time.Since(start) > 5*time.Second || !strings.Contains(err.Error(), "it took too long") && !strings.Contains(err.Error(), "i/o timeout") {
			t.Errorf("%s: %v after %s", verb, err, time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		start = time.Now()
		err = s.sender(time.Hour, nil).Send(ctx, mailTo(), parcel())
		cancel()
		if err == nil || deliver.Final(err) || time.Since(start) > 5*time.Second {
			t.Errorf("%s with a context that ends: %v after %s", verb, err, time.Since(start))
		}
	}
}

func TestWithoutAMailServerInTheSettingsMailIsRefusedForGood(t *testing.T) {
	if err := sender(0).Send(t.Context(), mailTo(), parcel()); !deliver.Final(err) {
		t.Errorf("gives %v", err)
	}
}
