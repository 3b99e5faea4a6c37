package browserkit

import (
	"fmt"
	"strings"

	"roundtrip/graph"
)

// look is how a label or a type is drawn. Captions name properties in braces.
type look struct {
	name, colour, caption string
	size                  int // diameter of a node, width of a shaft, in pixels
}

// nodeLooks are the labels. Browser lets the last rule win, and gives a label
// without a colour one of its own, so every label stands here, those that people
// explore last.
func nodeLooks() []look {
	return []look{
		{"RoundtripMeta", "#D8D8D8", "{key}", 40},
		{"RoundtripLease", "#D8D8D8", "{key}", 40},
		{"RoundtripBatch", "#D8D8D8", "{rev}", 40},
		{"RoundtripChange", "#D8D8D8", "{id}", 40},
		{"RoundtripChunk", "#D8D8D8", "{seq}", 40},
		{"RoundtripPlace", "#D8D8D8", "{id}", 40},
		{"RoundtripDocument", "#D8D8D8", "{name}", 40},
		{"Source", "#BFB8A5", "{publisher}", 44},
		{"Metric", "#A8B8A0", "{metric}", 44},
		{"Outcome", "#C9A27E", "{event} {date}", 44},
		{"Leg", "#9AA7B5", "{kind}", 50},
		{"Deal", "#7D6B91", "{id}", 56},
		{"Chip", "#4F7A73", "{name}", 56},
		{"Company", "#22384F", "{display}", 66},
	}
}

// classLook is the colour of a class on the page too, see web/src/app.css.
func classLook(c graph.Class) look {
	switch c {
	case graph.Funds:
		return look{c.String(), "#B9560F", "{caption}", 5}
	case graph.Pays:
		return look{c.String(), "#2B6CB0", "{caption}", 5}
	case graph.Acquires:
		return look{c.String(), "#7A4FA3", "{caption}", 3}
	case graph.Grants:
		return look{c.String(), "#8A6D00", "grants {caption}", 2}
	case graph.Backs:
		return look{c.String(), "#B02A4C", "backs {caption}", 3}
	default:
		return look{c.String(), "#4F7A73", "supplies", 2}
	}
}

// recordLinks are the types of relationships between records.
func recordLinks() []string {
	return []string{"PART_OF", "MAKES", "DESIGNS", "FABRICATES", "PROVIDES_MEMORY", "RUNS_ON", "IN_DEAL", "LISTS_CHIP", "OF", "REPORTED_BY"}
}

// Labels are all labels that the style draws, and Types all types of
// relationships: those that a database of roundtrip holds.
func Labels() []string {
	var names []string
	for _, l := range nodeLooks() {
		names = append(names, l.name)
	}
	return names
}

// Types are all types of relationships that the style draws.
func Types() []string {
	names := recordLinks()
	for _, c := range graph.AllClasses() {
		names = append(names, c.String())
	}
	return names
}

// Style is the style file, in GraSS. It has no comments, which GraSS lacks.
func Style() string {
	var b strings.Builder
	b.WriteString("node {\n  diameter: 50px;\n  color: #9AA7B5;\n  border-color: #6B7884;\n  border-width: 2px;\n  text-color-internal: #FFFFFF;\n  font-size: 10px;\n}\n")
	b.WriteString("relationship {\n  color: #A5ABB6;\n  shaft-width: 1px;\n  font-size: 8px;\n  padding: 3px;\n  text-color-external: #404850;\n  text-color-internal: #FFFFFF;\n  caption: '<type>';\n}\n")
	for _, l := range nodeLooks() {
		text, font := "#FFFFFF", 10
		if strings.HasPrefix(l.name, "Roundtrip") || l.name == "Source" || l.name == "Metric" || l.name == "Outcome" {
			text = "#20262C"
		}
		if l.name == "Company" {
			font = 12
		}
		fmt.Fprintf(&b, "node.%s {\n  diameter: %dpx;\n  color: %s;\n  border-color: #20262C;\n  border-width: 1px;\n  text-color-internal: %s;\n  font-size: %dpx;\n  caption: '%s';\n}\n",
			l.name, l.size, l.colour, text, font, l.caption)
	}
	for _, name := range recordLinks() {
		fmt.Fprintf(&b, "relationship.%s {\n  color: #A5ABB6;\n  shaft-width: 1px;\n  font-size: 8px;\n  text-color-external: #404850;\n  caption: '<type>';\n}\n", name)
	}
	for _, c := range graph.AllClasses() {
		l := classLook(c)
		fmt.Fprintf(&b, "relationship.%s {\n  color: %s;\n  shaft-width: %dpx;\n  font-size: 8px;\n  padding: 3px;\n  text-color-external: %s;\n  text-color-internal: #FFFFFF;\n  caption: '%s';\n}\n",
			l.name, l.colour, l.size, l.colour, l.caption)
	}
	return b.String()
}
