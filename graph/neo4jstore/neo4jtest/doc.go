// Package neo4jtest starts a real Neo4j Community server for tests, and for people who have no container engine.
//
// A test calls [Start]. The first call in a test binary boots one server on free ports of 127.0.0.1 with a temporary
// home; later calls in the same binary get the same server. When ROUNDTRIP_TEST_NEO4J_URI is set, Start uses that
// server instead of booting one, and test binaries that share it take turns: each holds a lock file from its first
// Start until it ends, so packages never see each other's data, whatever -p is given to go test. Tests within one
// binary that run in parallel do share the server and must separate their data themselves.
//
// The server's jars come from Maven into the user's cache folder, once for each version. A server is killed when the
// process that started it ends, however it ends.
//
// Which release is started is one setting, ROUNDTRIP_TEST_NEO4J_VERSION: a version such as 2026.09.0, "calendar" for
// [CalendarVersion], or nothing for [Version]. docs/neo4j.md says which releases are tested.
package neo4jtest

// Version is the Neo4j release that is fetched and started where nothing else is asked for. It runs on Java 17 and 21.
const Version = "5.26.29"

// CalendarVersion is the calendar release that is tested beside Version. It runs on Java 21 and 25.
const CalendarVersion = "2026.09.0"

// Environment variables that say what is started.
const (
	EnvVersion  = "ROUNDTRIP_TEST_NEO4J_VERSION"  // see Release
	EnvLanguage = "ROUNDTRIP_TEST_NEO4J_LANGUAGE" // 5 or 25, the Cypher that statements without a version are written in; "" is the server's own choice
	EnvShort    = "ROUNDTRIP_TEST_NEO4J_SHORT"    // true makes suites smaller that are run against a second release
	EnvJava     = "ROUNDTRIP_TEST_JAVA"           // path of the only Java to use; otherwise one that fits is looked for
)

// Environment variables that point [Start] at a running server. The URI must belong to a database that tests may
// empty.
const (
	EnvURI      = "ROUNDTRIP_TEST_NEO4J_URI"
	EnvUser     = "ROUNDTRIP_TEST_NEO4J_USER"
	EnvPassword = "ROUNDTRIP_TEST_NEO4J_PASSWORD"
	EnvDatabase = "ROUNDTRIP_TEST_NEO4J_DATABASE"
	EnvHTTPURL  = "ROUNDTRIP_TEST_NEO4J_HTTP_URL"
)
