package neo4jstore

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// tokenKind is what a piece of a statement is.
type tokenKind int

const (
	wordToken   tokenKind = iota // a keyword or a name
	quotedToken                  // a name in backticks, without them
	stringToken                  // a text between quotes, as it is written
	numberToken
	signToken // any other single character
)

// token is a piece of a statement.
type token struct {
	kind tokenKind
	text string
}

// is tells whether the token is that keyword, in capitals, or that sign.
func (t token) is(text string) bool {
	return t.kind == wordToken && strings.EqualFold(t.text, text) || t.kind == signToken && t.text == text
}

// name tells whether the token can stand for a name.
func (t token) name() bool { return t.kind == wordToken || t.kind == quotedToken }

// tokens cuts a statement into pieces, without blanks and comments. What Neo4j
// might read in another way than this is an error: characters outside ASCII and
// control characters between the pieces, escapes of the form \u anywhere, and
// texts, names and comments without an end.
func tokens(text string) ([]token, error) {
	if !utf8.ValidString(text) {
		return nil, refusal("unreadable", "the statement is not valid UTF-8")
	}
	if i := strings.Index(strings.ToLower(text), `\u`); i >= 0 {
		return nil, refusal("escape", `\u at byte %d: write the character itself, or give the text as a parameter`, i)
	}
	var list []token
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case strings.HasPrefix(text[i:], "//"):
			n := strings.IndexAny(text[i:], "\r\n")
			if n < 0 {
				n = len(text) - i
			}
			i += n
		case strings.HasPrefix(text[i:], "/*"):
			n := strings.Index(text[i+2:], "*/")
			if n < 0 {
				return nil, refusal("unreadable", "the comment that begins at byte %d has no end", i)
			}
			i += n + 4
		case c == '\'' || c == '"' || c == '`':
			n := quotedLength(text[i:])
			if n < 0 {
				return nil, refusal("unreadable", "the %c at byte %d has no end", c, i)
			}
			t := token{stringToken, text[i : i+n]}
			if c == '`' {
				t = token{quotedToken, strings.ReplaceAll(text[i+1:i+n-1], "``", "`")}
			}
			list = append(list, t)
			i += n
		case isWordStart(c):
			n := runLength(text[i:])
			list = append(list, token{wordToken, text[i : i+n]})
			i += n
		case c >= '0' && c <= '9':
			n := runLength(text[i:])
			list = append(list, token{numberToken, text[i : i+n]})
			i += n
		case c < ' ' || c >= 0x7f || c == '\\':
			r, _ := utf8.DecodeRuneInString(text[i:])
			return nil, refusal("unreadable", "the character %q at byte %d may stand in texts, comments and names in backticks only", r, i)
		default:
			list = append(list, token{signToken, text[i : i+1]})
			i++
		}
	}
	return list, nil
}

// quotedLength is the length of the text or name that begins with its quote, -1
// when it has no end.
func quotedLength(text string) int {
	quote := text[0]
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && quote != '`':
			i++
		case text[i] == quote && quote == '`' && i+1 < len(text) && text[i+1] == quote:
			i++
		case text[i] == quote:
			return i + 1
		}
	}
	return -1
}

func isWordStart(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func runLength(text string) int {
	n := 0
	for n < len(text) && (isWordStart(text[n]) || text[n] >= '0' && text[n] <= '9') {
		n++
	}
	return n
}

// RefusedError says that an ad-hoc statement is not run, and why.
type RefusedError struct {
	Rule   string // one word: write, procedure, file, size ...
	Detail string // what is wrong and what is allowed
}

// Error is the detail.
func (e *RefusedError) Error() string { return e.Detail }

func refusal(rule, format string, args ...any) error {
	return &RefusedError{rule, fmt.Sprintf(format, args...)}
}
