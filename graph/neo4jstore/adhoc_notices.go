package neo4jstore

import (
	"regexp"
	"strings"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
)

// Notice is what Neo4j remarks on a statement that runs all the same: a label
// that no node has, a pattern that makes a product of rows.
type Notice struct {
	Code         string // Neo.ClientNotification.Statement.UnknownLabelWarning ...
	Message      string
	Line, Column int // in the statement, from 1; 0 where it names no place
}

// mostNotices is how many notices of a statement are kept: a long statement
// could have one for each of its words.
const mostNotices = 20

// placeInNotice is how some messages end, in characters of what was explained.
var placeInNotice = regexp.MustCompile(`\s*\(line \d+, column \d+ \(offset: \d+\)\)$`)

// noticesIn are the notices in their places of the statement without its prefix,
// each once.
func noticesIn(said []neo4j.Notification) []Notice {
	seen := map[Notice]bool{}
	var notices []Notice
	for _, n := range said {
		notice := Notice{Code: n.Code(), Message: placeInNotice.ReplaceAllString(strings.TrimSpace(n.Description()), "")}
		if at := n.Position(); at != nil && at.Line() > 0 {
			notice.Line, notice.Column = at.Line(), at.Column()
			if notice.Line == 1 {
				notice.Column = max(notice.Column-len(explainPrefix), 1)
			}
		}
		if seen[notice] {
			continue
		}
		seen[notice] = true
		if notices = append(notices, notice); len(notices) == mostNotices {
			break
		}
	}
	return notices
}
