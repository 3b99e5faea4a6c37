package deploy

import (
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"roundtrip/config"
	"roundtrip/graph/neo4jstore/neo4jtest"
)

// compose is the part of the Compose specification that the file uses; any other key fails to decode.
type compose struct {
	Name     string
	Services map[string]service
	Volumes  map[string]struct{}
}

type service struct {
	Image       string
	Build       string
	Restart     string
	Environment map[string]string
	Ports       []string
	Volumes     []string
	Healthcheck *struct {
		Test        []string
		Interval    string
		Timeout     string
		Retries     int
		StartPeriod string `yaml:"start_period"`
	}
	DependsOn map[string]struct {
		Condition string
	} `yaml:"depends_on"`
	ReadOnly        bool     `yaml:"read_only"`
	CapDrop         []string `yaml:"cap_drop"`
	SecurityOpt     []string `yaml:"security_opt"`
	StopGracePeriod string   `yaml:"stop_grace_period"`
}

func readCompose(t *testing.T) compose {
	t.Helper()
	file, err := os.Open("../docker-compose.yml")
	require.NoError(t, err)
	defer file.Close()
	decoder := yaml.NewDecoder(file)
	decoder.KnownFields(true)
	var c compose
	require.NoError(t, decoder.Decode(&c))
	return c
}

// instruction is one line of a Dockerfile, continued lines joined.
type instruction struct{ keyword, rest string }

func readDockerfile(t *testing.T) []instruction {
	t.Helper()
	text, err := os.ReadFile("../Dockerfile")
	require.NoError(t, err)
	var read []instruction
	for line := range strings.Lines(strings.ReplaceAll(string(text), "\\\n", " ")) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		keyword, rest, _ := strings.Cut(line, " ")
		read = append(read, instruction{keyword, strings.TrimSpace(rest)})
	}
	return read
}

// last returns the rest of the last instruction with the keyword, which is the one that holds in the final image.
func last(t *testing.T, dockerfile []instruction, keyword string) string {
	t.Helper()
	for _, i := range slices.Backward(dockerfile) {
		if i.keyword == keyword {
			return i.rest
		}
	}
	t.Fatalf("Dockerfile has no %s", keyword)
	return ""
}

func settingsOf(t *testing.T, dockerfile []instruction) map[string]string {
	t.Helper()
	found := map[string]string{}
	for field := range strings.FieldsSeq(last(t, dockerfile, "ENV")) {
		name, value, ok := strings.Cut(field, "=")
		require.True(t, ok, field)
		found[name] = value
	}
	return found
}

func TestNeo4jIsThePatchThatTheTestsRun(t *testing.T) {
	require.Equal(t, "neo4j:"+neo4jtest.Version+"-community", readCompose(t).Services["neo4j"].Image)
}

func TestTheImageIsBuiltWithTheGoOfTheModuleAndHoldsNothingElse(t *testing.T) {
	mod, err := os.ReadFile("../go.mod")
	require.NoError(t, err)
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+\.\d+)$`).FindSubmatch(mod)
	require.NotNil(t, version)

	var from []string
	for _, i := range readDockerfile(t) {
		if i.keyword == "FROM" {
			from = append(from, i.rest)
		}
	}
	require.Equal(t, []string{"golang:" + string(version[1]) + "-bookworm AS build", "scratch"}, from)
}

func TestWhatTheDockerfileCopiesFromTheFolderIsThere(t *testing.T) {
	for _, i := range readDockerfile(t) {
		if i.keyword != "COPY" || strings.HasPrefix(i.rest, "--from=") {
			continue
		}
		fields := strings.Fields(i.rest)
		for _, source := range fields[:len(fields)-1] {
			_, err := os.Stat("../" + source)
			require.NoError(t, err)
		}
	}
}

func TestTheContainerDoesNotRunAsRootAndWritesOnlyItsVolume(t *testing.T) {
	dockerfile := readDockerfile(t)
	require.Regexp(t, `^[1-9]\d*:[1-9]\d*$`, last(t, dockerfile, "USER"), "by number: scratch has no names")
	volume := last(t, dockerfile, "VOLUME")
	env := settingsOf(t, dockerfile)
	require.Equal(t, volume, env["ROUNDTRIP_STORE_PATH"])
	require.Equal(t, volume, env["TMPDIR"], "scratch has no folder for temporary files")

	service := readCompose(t).Services["roundtrip"]
	require.True(t, service.ReadOnly)
	require.Equal(t, []string{"ALL"}, service.CapDrop)
	require.Equal(t, []string{"no-new-privileges:true"}, service.SecurityOpt)
	require.Contains(t, service.Volumes, "roundtrip-data:"+volume)
}

func TestPortsArePublishedOnLoopbackOnlyAndReachTheirService(t *testing.T) {
	c := readCompose(t)
	var published []string
	for name, service := range c.Services {
		for _, port := range service.Ports {
			parts := strings.Split(port, ":")
			require.Len(t, parts, 3, "%s of %s is not HOST:PORT:PORT", port, name)
			host, err := netip.ParseAddr(parts[0])
			require.NoError(t, err)
			require.True(t, host.IsLoopback(), "%s of %s", port, name)
			published = append(published, name+" "+parts[1]+" to "+parts[2])
		}
	}
	slices.Sort(published)
	require.Equal(t, []string{"neo4j 7474 to 7474", "neo4j 7687 to 7687", "roundtrip 8080 to 8080"}, published)
	require.Equal(t, "0.0.0.0:8080", c.Services["roundtrip"].Environment["ROUNDTRIP_SERVER_ADDRESS"])
	require.Equal(t, "8080", last(t, readDockerfile(t), "EXPOSE"))
}

func TestTheServiceWaitsForAHealthyNeo4j(t *testing.T) {
	c := readCompose(t)
	require.Equal(t, "service_healthy", c.Services["roundtrip"].DependsOn["neo4j"].Condition)
	check := c.Services["neo4j"].Healthcheck
	require.NotNil(t, check)
	require.Len(t, check.Test, 2)
	require.Equal(t, "CMD-SHELL", check.Test[0])
	require.Contains(t, check.Test[1], "cypher-shell")
	require.NotContains(t, strings.ReplaceAll(check.Test[1], "$$", ""), "$", "a single $ is replaced by compose, not by the shell")
	require.Positive(t, check.Retries)
}

func TestNamedVolumesAreDeclaredAndUsed(t *testing.T) {
	c := readCompose(t)
	used := map[string]struct{}{}
	for name, service := range c.Services {
		for _, volume := range service.Volumes {
			source, _, ok := strings.Cut(volume, ":")
			require.True(t, ok, "%s of %s is anonymous", volume, name)
			used[source] = struct{}{}
		}
	}
	require.Equal(t, c.Volumes, used)
}

var required = regexp.MustCompile(`\$\{([A-Z0-9_]+):\?[^}]+\}`)

func TestTheOnlyVariableIsThePasswordAndItsAbsenceIsExplained(t *testing.T) {
	text, err := os.ReadFile("../docker-compose.yml")
	require.NoError(t, err)
	for _, match := range required.FindAllSubmatch(text, -1) {
		require.Equal(t, "ROUNDTRIP_NEO4J_PASSWORD", string(match[1]))
	}
	c := readCompose(t)
	require.Regexp(t, `^neo4j/`+required.String()+`$`, c.Services["neo4j"].Environment["NEO4J_AUTH"])
	require.Regexp(t, `^`+required.String()+`$`, c.Services["roundtrip"].Environment["ROUNDTRIP_NEO4J_PASSWORD"])
	require.NotContains(t, strings.ReplaceAll(required.ReplaceAllString(string(text), ""), "$$", ""), "$")
}

func TestTheEnvironmentIsAllowedByTheSettingsAndReachesTheOtherService(t *testing.T) {
	c := readCompose(t)
	all := settingsOf(t, readDockerfile(t))
	for name, value := range c.Services["roundtrip"].Environment {
		all[name] = required.ReplaceAllString(value, "a password")
	}
	var environ []string
	for name, value := range all {
		environ = append(environ, name+"="+value)
	}
	loaded, err := config.Load(config.Source{Env: environ})
	require.NoError(t, err)
	require.Equal(t, "neo4j", loaded.Store.Kind)
	require.Equal(t, "bolt://neo4j:7687", loaded.Neo4j.URI)
	require.Equal(t, "a password", loaded.Neo4j.Password)
	require.True(t, loaded.Server.Insecure)
}
