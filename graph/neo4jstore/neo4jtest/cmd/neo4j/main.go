// Command neo4j starts a Neo4j Community server for people without a container engine, or around another command.
//
//	neo4j [-version RELEASE] [-cypher 5|25] [-home DIR] [-bolt-port N] [-http-port N] [-heap SIZE]
//	neo4j [-version RELEASE] [-cypher 5|25] [-heap SIZE] [-skip-without-java] -- COMMAND [ARGUMENT...]
//
// The first form keeps its data in -home, prints the addresses and the password, and runs until Ctrl-C. The password
// is that of ROUNDTRIP_NEO4J_PASSWORD, or of the file "password" in -home, which a first start without the variable writes.
// The second form starts a throw-away server on free ports, runs the command with the ROUNDTRIP_TEST_NEO4J_* variables
// set to it, and ends with the command's exit code.
//
// RELEASE is a version of Neo4j, or calendar for the calendar release that is tested. With -skip-without-java a machine
// that has no Java for the release is told so and the command is not run, also where CI=true.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"roundtrip/graph/neo4jstore/neo4jtest"
)

func main() {
	home := flag.String("home", filepath.Join("data", "neo4j"), "folder that keeps the data")
	boltPort := flag.Int("bolt-port", 7687, "port of the Bolt protocol on 127.0.0.1")
	httpPort := flag.Int("http-port", 7474, "port of the Browser on 127.0.0.1")
	heap := flag.String("heap", "512m", "heap size, as Java writes it")
	version := flag.String("version", os.Getenv(neo4jtest.EnvVersion), "Neo4j release, or calendar for "+neo4jtest.CalendarVersion+" (default "+neo4jtest.Version+")")
	language := flag.String("cypher", os.Getenv(neo4jtest.EnvLanguage), "version of Cypher that statements are in by default, 5 or 25; 25 needs a calendar release")
	skip := flag.Bool("skip-without-java", false, "do not run the command where no Java fits the release")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	var code int
	var err error
	if command := flag.Args(); len(command) > 0 {
		code, err = around(ctx, command, neo4jtest.Options{Version: *version, Language: *language, Heap: *heap, Log: os.Stderr}, *skip)
	} else {
		err = keep(ctx, neo4jtest.Options{
			Version: *version, Language: *language, Home: *home, BoltPort: *boltPort, HTTPPort: *httpPort, Heap: *heap, PageCache: "256m", Log: os.Stderr,
		})
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "neo4j:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// keep runs a server whose data stays until ctx is done.
func keep(ctx context.Context, o neo4jtest.Options) error {
	o.Password = os.Getenv(passwordVariable)
	access := passwordVariable + "=" + o.Password
	if o.Password == "" {
		file := filepath.Join(o.Home, "password")
		password, err := keptPassword(file)
		if err != nil {
			return err
		}
		o.Password = password
		access = passwordVariable + "_FILE=" + file
	}
	server, err := neo4jtest.Run(ctx, o)
	if err != nil {
		return err
	}
	fmt.Printf("Bolt      %s\nBrowser   %s\nUser      %s\nPassword  %s\n\n"+
		"To run the service against it:\n  ROUNDTRIP_STORE_KIND=neo4j ROUNDTRIP_NEO4J_URI=%s %s make run\n\nCtrl-C stops it.\n",
		server.URI, server.BrowserURL, server.Username, server.Password, server.URI, access)
	select {
	case <-ctx.Done():
		fmt.Fprintln(os.Stderr, "Stopping")
		return server.Stop()
	case <-server.Done():
		return fmt.Errorf("the server ended; its log is %s", filepath.Join(o.Home, "logs", "console.log"))
	}
}

const passwordVariable = "ROUNDTRIP_NEO4J_PASSWORD"

// keptPassword returns the password in file, which it writes when there is none.
func keptPassword(file string) (string, error) {
	kept, err := os.ReadFile(file)
	if err == nil {
		return strings.TrimSpace(string(kept)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("password: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return "", fmt.Errorf("password: %w", err)
	}
	password := rand.Text()
	if err := os.WriteFile(file, []byte(password+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("password: %w", err)
	}
	return password, nil
}

// around runs command with a throw-away server and returns its exit code. Without Java or Maven the command runs all
// the same, so that its tests can skip by themselves, except where CI=true. With skip it does not run where there is no
// Java for the release.
func around(ctx context.Context, command []string, o neo4jtest.Options, skip bool) (code int, err error) {
	environment := append(os.Environ(), neo4jtest.EnvVersion+"="+o.Version, neo4jtest.EnvLanguage+"="+o.Language)
	if uri := os.Getenv(neo4jtest.EnvURI); uri != "" {
		fmt.Fprintf(os.Stderr, "Using the Neo4j of %s: %s\n", neo4jtest.EnvURI, uri)
	} else {
		server, startErr := neo4jtest.Run(ctx, o)
		switch {
		case startErr == nil:
			defer func() { err = errors.Join(err, server.Stop()) }()
			environment = append(environment,
				neo4jtest.EnvURI+"="+server.URI,
				neo4jtest.EnvUser+"="+server.Username,
				neo4jtest.EnvPassword+"="+server.Password,
				neo4jtest.EnvDatabase+"="+server.Database,
				neo4jtest.EnvHTTPURL+"="+server.HTTPURL)
		case skip && errors.Is(startErr, neo4jtest.ErrNoJava):
			fmt.Fprintf(os.Stderr, "Not run: %s: %v\n", strings.Join(command, " "), startErr)
			return 0, nil
		case errors.Is(startErr, neo4jtest.ErrUnavailable) && os.Getenv("CI") != "true":
			fmt.Fprintf(os.Stderr, "Without a server, tests that need one are skipped: %v\n", startErr)
		default:
			return 1, startErr
		}
	}
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = environment
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return max(exit.ExitCode(), 1), nil
	}
	return 0, err
}
