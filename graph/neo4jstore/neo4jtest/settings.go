package neo4jtest

import (
	"archive/zip"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"path/filepath"
	"strconv"
	"strings"
)

// settings returns the text of neo4j.conf. The server refuses to start on a setting it does not know.
func settings(o Options) string {
	loopback := func(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
	pairs := [][2]string{
		{"server.default_listen_address", "127.0.0.1"},
		{"server.bolt.enabled", "true"},
		{"server.bolt.listen_address", loopback(o.BoltPort)},
		{"server.bolt.advertised_address", loopback(o.BoltPort)},
		{"server.http.enabled", "true"},
		{"server.http.listen_address", loopback(o.HTTPPort)},
		{"server.http.advertised_address", loopback(o.HTTPPort)},
		{"server.https.enabled", "false"},
		{"server.memory.heap.initial_size", o.Heap},
		{"server.memory.heap.max_size", o.Heap},
		{"server.memory.pagecache.size", o.PageCache},
		{"db.tx_log.preallocate", "false"},
		{"db.tx_log.rotation.retention_policy", "keep_none"},
		{"client.allow_telemetry", "false"},
		{"dbms.usage_report.enabled", "false"},
		{"dbms.security.auth_enabled", "true"},
		{"dbms.security.allow_csv_import_from_file_urls", "false"},
	}
	if calendar(o.Version) {
		pairs = append(pairs, calendarSettings()...)
		if o.Language != "" {
			pairs = append(pairs, [2]string{"db.query.default_language", "CYPHER_" + o.Language})
		}
	}
	for _, name := range folders {
		pairs = append(pairs, [2]string{"server.directories." + name, filepath.Join(o.Home, name)})
	}
	var text strings.Builder
	for _, pair := range pairs {
		fmt.Fprintf(&text, "%s=%s\n", pair[0], pair[1])
	}
	return text.String()
}

// calendarSettings keep calendar releases from looking for other servers and from being looked after by Neo4j's cloud.
// Earlier ones of them do not know these settings, so that unknown settings are allowed.
func calendarSettings() [][2]string {
	return [][2]string{
		{"server.config.strict_validation.enabled", "false"},
		{"server.fleet_discovery.enabled", "false"},
		{"dbms.fleet_manager.enabled", "false"},
	}
}

// folders are the server's directories below its home.
var folders = []string{"data", "logs", "run", "plugins", "import"}

// entryPoint is the class that starts the server, as the jars of a release name it.
func entryPoint(jarFolder, version string) (name string, err error) {
	const services = "META-INF/services/org.neo4j.server.startup.EntryPoint"
	jar, err := zip.OpenReader(filepath.Join(jarFolder, "neo4j-"+version+".jar"))
	if err != nil {
		return "", fmt.Errorf("neo4jtest: the class that starts Neo4j %s: %w", version, err)
	}
	defer func() { err = errors.Join(err, jar.Close()) }()
	text, err := fs.ReadFile(jar, services)
	if err != nil {
		return "", fmt.Errorf("neo4jtest: the class that starts Neo4j %s: %w", version, err)
	}
	name, _, _ = strings.Cut(strings.TrimSpace(string(text)), "\n")
	return name, nil
}

// javaArguments returns what follows `java` to start mainClass with the server's jars on the class path.
func javaArguments(o Options, jarFolder, heap, mainClass string, args ...string) []string {
	java := []string{
		"-Xms" + heap, "-Xmx" + heap,
		"-XX:+UseG1GC",
		"-XX:-OmitStackTraceInFastThrow",
		"-Dfile.encoding=UTF-8",
		"-Dio.netty.tryReflectionSetAccessible=true",
		"-Dlog4j2.disable.jmx=true",
		"--add-opens=java.base/java.nio=ALL-UNNAMED",
		"--add-opens=java.base/java.io=ALL-UNNAMED",
		"--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
		"--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
		"--enable-native-access=ALL-UNNAMED",
		"-cp", filepath.Join(o.Home, "plugins", "*") + ":" + filepath.Join(o.Home, "conf") + ":" + filepath.Join(jarFolder, "*"),
		mainClass,
	}
	return append(java, args...)
}
