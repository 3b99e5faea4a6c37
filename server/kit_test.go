package server_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"roundtrip/browserkit"
	"roundtrip/queries/library"
	"roundtrip/server"
)

// What Neo4j Browser asks before it loads a guide or a style.
func TestTheKitAnswersWhatABrowserAsksBeforeItLoadsFromAnotherAddress(t *testing.T) {
	kit, err := browserkit.New(t.Context(), library.All())
	require.NoError(t, err)
	s := emptySite(t, func(o *server.Options) { o.Kit = kit })
	for _, name := range []string{browserkit.StyleFile, browserkit.StoryFile, browserkit.QuestionsFile} {
		for _, asked := range []string{"cache-control, pragma, sentry-trace", "content-type, x-stream, x-ajax-browser-auth, authorization"} {
			a := s.do(s.request(http.MethodOptions, "/browser-kit/"+name, nil,
				"Origin", "http://127.0.0.1:7474", "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", asked))
			require.Equal(t, http.StatusNoContent, a.status)
			require.Equal(t, "*", a.header.Get("Access-Control-Allow-Origin"))
			require.Equal(t, asked, a.header.Get("Access-Control-Allow-Headers"))
		}
		a := s.get("/browser-kit/"+name, "Origin", "http://127.0.0.1:7474")
		require.Equal(t, http.StatusOK, a.status)
		require.Equal(t, "*", a.header.Get("Access-Control-Allow-Origin"))
	}
	require.Contains(t, s.get("/browser-kit/"+browserkit.StoryFile).body, "http://localhost:8080/browser-kit/"+browserkit.StyleFile)
	require.Contains(t, s.get("/browser-kit/").body, browserkit.ScriptsFile)
	require.Equal(t, http.StatusNotFound, s.get("/browser-kit/nothing").status)
	require.Empty(t, s.get("/api/v1/analyses").header.Get("Access-Control-Allow-Origin"), "nothing else may be read by other pages")
}
