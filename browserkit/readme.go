package browserkit

import (
	"fmt"
	"strings"
)

// readme tells how to use the kit.
func (k *Kit) readme(base string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# roundtrip in Neo4j Browser

For a Neo4j database that roundtrip keeps its graph in, and the open Neo4j Browser that comes with it (5.x). Everything here is
made by `+"`roundtrip browser-kit`"+`; the service serves the same files under %[1]s.

| file | what to do with it |
|---|---|
| %[2]s | drop it on the window of Browser, or run `+"`:style %[1]s%[2]s`"+` |
| %[3]s | drop it on the window: the scripts appear as favourites (the star), in four folders. Dropping it twice gives every script twice |
| scripts/ | the same scripts, one file each |
| %[4]s | run `+"`:guide %[1]s%[4]s`"+`: the story of the shipped data, slide by slide, with statements to run |
| %[5]s | run `+"`:guide %[1]s%[5]s`"+`: the questions of docs/questions.md, as far as Cypher answers them |
| %[6]s | the graph: labels, relationship types, properties |
| %[7]s | lines for neo4j.conf, which load the style and the guide after each log-in |

Then run `+"`:config autoComplete: false`"+` once. Browser otherwise draws every relationship that is stored between two companies, of
all days and states, beside those that a statement returns.

Guides and styles come over HTTP, by default only from the host localhost, and their server has to answer the questions that
a browser asks before it loads from another address (CORS): roundtrip does, many simple file servers do not. Scripts and the
style can be dropped on the window without any server.

## Scripts

A script is the Cypher that roundtrip runs for the same request, with values in place of parameters, and amounts in billions
of dollars. The scripts of the first two folders look at the shipped deals as known on %[8]s or %[9]s; those of the third at
what is known today. Change the dates and names in the text. All look at the newest revision; while an import is being written,
its legs count already. What Cypher cannot express (circulation, cascades, what-ifs) the guides name with its command.
`, base, StyleFile, ScriptsFile, StoryFile, QuestionsFile, ModelFile, SettingsFile, storyDay, lateDay)
	folder := ""
	for _, s := range k.scripts {
		if s.Folder != folder {
			folder = s.Folder
			fmt.Fprintf(&b, "\n### %s\n\n", folder)
		}
		fmt.Fprintf(&b, "- %s\n", s.Title)
	}
	return b.String()
}
