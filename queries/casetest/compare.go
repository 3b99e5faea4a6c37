package casetest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// differs lists where got does not have what want names: the path of the member
// and both values. Objects may have more members than are named, lists may not.
func differs(path string, want, got any) []string {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return []string{differ(path, want, got)}
		}
		var list []string
		for _, name := range slices.Sorted(maps.Keys(w)) {
			value, there := g[name]
			if !there {
				list = append(list, fmt.Sprintf("%s is missing, want %s", join(path, name), show(w[name])))
				continue
			}
			list = append(list, differs(join(path, name), w[name], value)...)
		}
		return list
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return []string{differ(path, want, got)}
		}
		var list []string
		for i := range w {
			list = append(list, differs(path+"["+strconv.Itoa(i)+"]", w[i], g[i])...)
		}
		return list
	case json.Number:
		if g, ok := got.(json.Number); ok && g == w {
			return nil
		}
	default:
		if want == got {
			return nil
		}
	}
	return []string{differ(path, want, got)}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func differ(path string, want, got any) string {
	return fmt.Sprintf("%s is %s, want %s", path, show(got), show(want))
}

func show(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}

// table is a header and rows as lines with aligned cells.
func table(header []string, rows [][]string) []string {
	all := append([][]string{header}, rows...)
	width := make([]int, len(header))
	for _, row := range all {
		for i, cell := range row {
			width[i] = max(width[i], len([]rune(cell)))
		}
	}
	lines := make([]string, len(all))
	for k, row := range all {
		var b strings.Builder
		for i, cell := range row {
			if i > 0 {
				b.WriteString(" | ")
			}
			b.WriteString(cell + strings.Repeat(" ", width[i]-len([]rune(cell))))
		}
		lines[k] = strings.TrimRight(b.String(), " ")
	}
	return lines
}

// diff shows two tables with the same header as one: lines that only the answer
// has begin with +, lines that are missing with -.
func diff(header []string, want, got [][]string) string {
	lines := table(header, slices.Concat(want, got))
	w, g := lines[1:1+len(want)], lines[1+len(want):]
	// longest[i][j] is the length of the longest common subsequence of w[i:], g[j:].
	longest := make([][]int, len(w)+1)
	for i := range longest {
		longest[i] = make([]int, len(g)+1)
	}
	for i := len(w) - 1; i >= 0; i-- {
		for j := len(g) - 1; j >= 0; j-- {
			longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			if w[i] == g[j] {
				longest[i][j] = 1 + longest[i+1][j+1]
			}
		}
	}
	out := []string{"    " + lines[0]}
	for i, j := 0, 0; i < len(w) || j < len(g); {
		switch {
		case i < len(w) && j < len(g) && w[i] == g[j]:
			out = append(out, "    "+w[i])
			i, j = i+1, j+1
		case i < len(w) && (j == len(g) || longest[i+1][j] >= longest[i][j+1]):
			out = append(out, "  - "+w[i])
			i++
		default:
			out = append(out, "  + "+g[j])
			j++
		}
	}
	return strings.Join(out, "\n")
}
