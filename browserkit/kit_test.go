package browserkit_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"html"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roundtrip/browserkit"
	"roundtrip/queries/library"
)

func newKit(t *testing.T) *browserkit.Kit {
	t.Helper()
	kit, err := browserkit.New(t.Context(), library.All())
	require.NoError(t, err)
	return kit
}

func files(t *testing.T, kit *browserkit.Kit) map[string]string {
	t.Helper()
	list, err := kit.Files(browserkit.DefaultBase)
	require.NoError(t, err)
	by := map[string]string{}
	for _, f := range list {
		require.NotContains(t, by, f.Name)
		by[f.Name] = string(f.Body)
	}
	return by
}

func TestTheSameProgramMakesTheSameBytes(t *testing.T) {
	require.Equal(t, files(t, newKit(t)), files(t, newKit(t)))
}

func TestTheStoryFindsTenOfThirtyEight(t *testing.T) {
	require.Equal(t, "Of the $38.0bn that OpenAI promised Amazon, $10.0bn (26.3 %) is funded by Amazon itself; $28.0bn has no visible source.",
		newKit(t).Finding("amazon-openai"))
}

func TestEveryAnalysisWithATwinHasAScriptAndADrawing(t *testing.T) {
	kit := newKit(t)
	has := map[string]browserkit.Script{}
	for _, s := range kit.Scripts() {
		has[s.Name] = s
	}
	for _, a := range library.All() {
		if a.HasTwin {
			require.Contains(t, has, a.Name)
			require.Contains(t, has, a.Name+"-drawn")
			require.Contains(t, has[a.Name].Text, "date()", "the script of %s looks at today", a.Name)
		}
	}
}

func TestScriptsAreWhatBrowserCanTake(t *testing.T) {
	eaten := regexp.MustCompile(`(?i)[\s"'/]on[a-z]*\s*=`) // what the sanitiser of guides would take for a handler of events
	for _, s := range newKit(t).Scripts() {
		require.NotRegexp(t, `\$\w`, s.Text, "%s has a parameter", s.Name)
		require.NotContains(t, s.Text, ";", "%s would be several statements, which show no picture", s.Name)
		require.NotRegexp(t, eaten, s.Text, "%s would be changed in a guide", s.Name)
		require.False(t, strings.ContainsAny(s.Text, "&#"), "%s cannot be linked", s.Name)
		require.NotContains(t, s.Title, "\n")
	}
}

func TestTheZipHoldsTheScriptsInTheirFoldersUnderTheirTitles(t *testing.T) {
	kit := newKit(t)
	body := []byte(files(t, kit)[browserkit.ScriptsFile])
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	require.NoError(t, err)
	scripts := kit.Scripts()
	require.Len(t, z.File, len(scripts))
	require.True(t, slices.IsSortedFunc(scripts, func(a, b browserkit.Script) int { return strings.Compare(a.Folder, b.Folder) }))
	for i, f := range z.File {
		require.Regexp(t, `^`+scripts[i].Folder+`/\d\d-[a-z-]+\.cypher$`, f.Name)
		r, err := f.Open()
		require.NoError(t, err)
		text, err := io.ReadAll(r)
		require.NoError(t, err)
		require.Equal(t, "// "+scripts[i].Title+"\n"+scripts[i].Text+"\n", string(text))
	}
}

func TestGuidesShowTheScriptsAsTheyAre(t *testing.T) {
	kit := newKit(t)
	texts := map[string]bool{}
	for _, s := range kit.Scripts() {
		texts[s.Text] = true
	}
	pre := regexp.MustCompile(`(?s)<pre class="[^"]*runnable">(.*?)</pre>`)
	for _, name := range []string{browserkit.StoryFile, browserkit.QuestionsFile} {
		page := files(t, kit)[name]
		found := pre.FindAllStringSubmatch(page, -1)
		require.Greater(t, len(found), 12, name)
		for _, f := range found {
			require.Contains(t, texts, html.UnescapeString(f[1]), "%s has a statement that is no script", name)
		}
		require.NotContains(t, page, "BASE")
	}
}

func TestEveryQuestionOfTheDocumentationHasASlide(t *testing.T) {
	doc, err := os.ReadFile("../docs/questions.md")
	require.NoError(t, err)
	page := html.UnescapeString(files(t, newKit(t))[browserkit.QuestionsFile])
	asked := regexp.MustCompile(`(?m)^## (.*)$`).FindAllStringSubmatch(string(doc), -1)
	require.GreaterOrEqual(t, len(asked), 6)
	for _, q := range asked {
		require.Contains(t, page, "<h3>"+q[1]+"</h3>")
	}
}

func TestTheStyleHasARuleWithAColourForEveryLabelAndType(t *testing.T) {
	style := browserkit.Style()
	require.Equal(t, strings.Count(style, "{\n"), strings.Count(style, "\n}"), "unbalanced braces crash Browser")
	require.NotRegexp(t, `//|/\*`, style, "GraSS has no comments")
	rule := regexp.MustCompile(`(?m)^(node|relationship)(?:\.(\w+))? \{\n((?:  [a-z-]+: [^;]+;\n)+)\}\n`)
	require.Empty(t, strings.TrimSpace(rule.ReplaceAllString(style, "")), "everything is a rule")
	coloured := map[string]bool{}
	for _, r := range rule.FindAllStringSubmatch(style, -1) {
		require.Contains(t, r[3], "  color: #")
		require.NotRegexp(t, `caption: '[^']*:`, r[3], "a caption with a colon drops the rule")
		coloured[r[1]+"."+r[2]] = true
	}
	for _, l := range browserkit.Labels() {
		require.Contains(t, coloured, "node."+l)
	}
	for _, x := range browserkit.Types() {
		require.Contains(t, coloured, "relationship."+x)
	}
}

func TestThePictureOfTheModelNamesWhatTheStyleDraws(t *testing.T) {
	picture := files(t, newKit(t))[browserkit.ModelFile]
	require.NoError(t, xml.Unmarshal([]byte(picture), new(struct{})))
	for _, name := range append(browserkit.Labels(), browserkit.Types()...) {
		if !strings.HasPrefix(name, "Roundtrip") {
			require.Contains(t, picture, name)
		}
	}
	doc, err := os.ReadFile("../docs/graph-model.md")
	require.NoError(t, err)
	for _, name := range append(browserkit.Labels(), browserkit.Types()...) {
		require.Contains(t, string(doc), name, "docs/graph-model.md")
	}
}

func TestSlidesOfComputationsTellWhatTheProgramFinds(t *testing.T) {
	k := newKit(t)
	for name, want := range map[string]string{
		"openai-vendors":         "OpenAI pays or promises $614.2bn in scope compute; the largest part, 48.8 %, goes to Oracle. Its HHI is 4145, as if it had 2.4 equal vendors.",
		"vendors-with-trainium":  "After: OpenAI pays or promises $714.2bn in scope compute; the largest part, 42.0 %, goes to Oracle. Its HHI is 3410, as if it had 2.9 equal vendors.",
		"standoff-with-trainium": "After: OpenAI is in a stand-off with its vendors:",
		"spread":                 "In nine of ten of 1,000 draws the circularity index lies between 11.8 % and 21.8 %.",
	} {
		if got := k.Finding(name); !strings.Contains(got, want) {
			t.Errorf("%s finds %s, want %s", name, got, want)
		}
	}
}
