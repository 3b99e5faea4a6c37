package queries

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAStatementWithLiteralsHasNoParameters(t *testing.T) {
	s := Statement{
		Text: "// $kinds stay in a comment\nMATCH (a {name: '$as_of'})-[leg]->(`$b`) WHERE leg.kind IN $kinds\n" +
			"AND leg.known_from <= date($as_of) < leg.known_to AND leg.rev_from <= $revision < leg.rev_to AND $weights[leg.status] > 0 AND $of_nobody",
		Params: map[string]any{"kinds": []string{"loan", `it's a \`}, "as_of": "2025-12-16", "revision": int64(3), "weights": map[string]any{"talks": int64(1), "signed": 2.5 > 1}},
	}
	require.Equal(t, "// $kinds stay in a comment\nMATCH (a {name: '$as_of'})-[leg]->(`$b`) WHERE leg.kind IN ['loan', 'it\\'s a \\\\']\n"+
		"AND leg.known_from <= date('2025-12-16') < leg.known_to AND leg.rev_to > 9e18 AND {`signed`: true, `talks`: 1}[leg.status] > 0 AND $of_nobody",
		s.WithLiterals())
}

func TestALinkHandsTheStatementToTheEditor(t *testing.T) {
	link := BrowserLink("http://localhost:7474/browser/", "MATCH (n)\nRETURN 'a+b'")
	require.NotNil(t, link)
	require.Equal(t, "http://localhost:7474/browser/?cmd=edit&arg=MATCH+%28n%29%0ARETURN+%27a%2Bb%27", *link)
	link = BrowserLink("http://localhost:7474/browser/?dbms=bolt://localhost:7687", "RETURN 1")
	require.Equal(t, "http://localhost:7474/browser/?dbms=bolt://localhost:7687&cmd=edit&arg=RETURN+1", *link)
	require.Nil(t, BrowserLink("", "RETURN 1"))
	require.Nil(t, BrowserLink("http://localhost:7474/browser/", "MATCH (n:A&B) RETURN n"), "Browser cuts a link at &")
}
