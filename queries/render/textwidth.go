package render

import (
	"strings"
	"unicode"
)

// textWidth is at least the width in pixels of a text of 13 pixels in the sans
// serif faces of common systems, the widest of which is Verdana with its kin.
func textWidth(s string) int {
	hundredths := 0
	for _, r := range s {
		hundredths += advance(r)
	}
	return (hundredths*13 + 99) / 100
}

// advance is an upper bound in hundredths of the font's size.
func advance(r rune) int {
	switch {
	case strings.ContainsRune(" !'(),-./:;IJ[\\]fijlrt", r):
		return 43
	case strings.ContainsRune("mwMW%@+<>=#~^", r):
		return 100
	case r >= 'A' && r <= 'Z' || r == '&':
		return 80
	case r < 0x7f:
		return 65
	case r < 0x1c4 || r == '→' || r == '…':
		return 100
	}
	return 145
}

// clean makes one line of a name, without characters that steer how text runs.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// shorten cuts a text to a width and ends it with an ellipsis.
func shorten(s string, width int) string {
	if textWidth(s) <= width {
		return s
	}
	runes := []rune(s)
	for len(runes) > 0 && textWidth(string(runes)+"…") > width {
		runes = runes[:len(runes)-1]
	}
	return strings.TrimRight(string(runes), " ") + "…"
}

// breakLabel sets a text in at most that many lines between its words; what does
// not fit is cut.
func breakLabel(s string, width, lines int) []string {
	var out []string
	for s != "" && len(out) < lines-1 && textWidth(s) > width {
		at := 0
		for i, r := range s {
			if r == ' ' && textWidth(s[:i]) <= width {
				at = i
			}
		}
		if at == 0 {
			break // a word wider than the line
		}
		out, s = append(out, s[:at]), s[at+1:]
	}
	return append(out, shorten(s, width))
}
