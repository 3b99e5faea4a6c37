package deliver

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
)

// Bounds that Slack sets: characters of a header and of a section, and blocks of
// a message.
const (
	slackHeader  = 150
	slackSection = 3000
	slackBlocks  = 50
)

type slackMessage struct {
	Text   string       `json:"text"` // for notifications
	Blocks []slackBlock `json:"blocks"`
}

type slackBlock struct {
	Type     string      `json:"type"`
	Text     *slackText  `json:"text,omitempty"`
	Elements []slackText `json:"elements,omitempty"`
}

type slackText struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

// slack posts a message with the finding, the alerts and a link. The key stands
// at its foot: Slack itself does not tell doubles apart.
func (s *Sender) slack(ctx context.Context, to Recipient, p Parcel) *Error {
	body, err := json.Marshal(messageOf(p))
	if err != nil {
		return final("the message cannot be written as JSON: %v", err)
	}
	to.Secrets = nil
	return s.post(ctx, to, p, "application/json; charset=utf-8", body)
}

func messageOf(p Parcel) slackMessage {
	section := func(text string) slackBlock {
		return slackBlock{Type: "section", Text: &slackText{"mrkdwn", text}}
	}
	subject := oneLine(p.Subject, slackHeader)
	if subject == "" {
		subject = oneLine(p.Key, slackHeader)
	}
	m := slackMessage{Text: slackEscaped(subject+": "+p.Finding, slackSection)}
	m.Blocks = append(m.Blocks, slackBlock{Type: "header", Text: &slackText{"plain_text", subject}})
	if p.Finding != "" {
		m.Blocks = append(m.Blocks, section(slackEscaped(p.Finding, slackSection)))
	}
	if p.Notice != nil {
		for _, line := range p.Notice.Lines {
			m.Blocks = append(m.Blocks, section(slackEscaped(line, slackSection)))
		}
	}
	const rest = 3 // blocks after the alerts: how many more there are, the link, the key
	for i, a := range p.Alerts {
		if len(m.Blocks) == slackBlocks-rest {
			m.Blocks = append(m.Blocks, section(plural(len(p.Alerts)-i, "more alert")+"; the report has them."))
			break
		}
		m.Blocks = append(m.Blocks, section("• "+slackEscaped(a, slackSection-2)))
	}
	if u, err := url.Parse(p.Link); err == nil && (u.Scheme == "http" || u.Scheme == "https") && len(p.Link) < slackSection-100 {
		m.Blocks = append(m.Blocks, section("<"+strings.NewReplacer("<", "%3C", ">", "%3E", "|", "%7C", "&", "&amp;").Replace(p.Link)+"|Open the report>"))
	}
	m.Blocks = append(m.Blocks, slackBlock{Type: "context", Elements: []slackText{{"plain_text", oneLine(p.Key, 200)}}})
	return m
}

// slackEscaped is the text without what Slack would take for markup, of at most n
// characters.
func slackEscaped(s string, n int) string {
	var b strings.Builder
	used := 0
	for _, c := range strings.ToValidUTF8(s, "�") {
		part := string(c)
		switch c {
		case '&':
			part = "&amp;"
		case '<':
			part = "&lt;"
		case '>':
			part = "&gt;"
		case '*', '_', '~', '`':
			part = "\u200b" + part // a mark of no width keeps it from being markup
		}
		size := len([]rune(part))
		if used+size > n-1 {
			b.WriteString("…")
			break
		}
		b.WriteString(part)
		used += size
	}
	return b.String()
}

func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + one + "s"
}
