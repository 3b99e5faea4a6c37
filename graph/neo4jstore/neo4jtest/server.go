package neo4jtest

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
)

// Options says how Run starts a server. The zero value is a throw-away server on free ports.
type Options struct {
	Version      string        // as Release takes it; "" is that of ROUNDTRIP_TEST_NEO4J_VERSION
	Language     string        // 5 or 25, the Cypher of statements without a version; "" is that of ROUNDTRIP_TEST_NEO4J_LANGUAGE, or the server's own choice
	Home         string        // folder of data, logs and settings, kept; "" is a temporary folder that is removed
	BoltPort     int           // 0 is any free port
	HTTPPort     int           // 0 is any free port
	Password     string        // of the user neo4j, at least 8 characters; "" is "roundtrip-test". It holds from a home's first start on
	Heap         string        // heap size as Java writes it; "" is 512m
	PageCache    string        // page cache size as Neo4j writes it; "" is 128m
	StartTimeout time.Duration // from the start of the process to the first answer; 0 is four minutes
	Log          io.Writer     // progress, one line per step; nil is none
}

// Server is a Neo4j that answers on 127.0.0.1, or wherever ROUNDTRIP_TEST_NEO4J_URI says.
type Server struct {
	URI        string // for drivers, for example bolt://127.0.0.1:40123
	Username   string
	Password   string
	Database   string // the only user database of the Community edition
	HTTPURL    string // "" where the server was named by the environment and its HTTP address was not
	BrowserURL string // "" under the same condition

	process *process // nil when the server was started elsewhere
}

//go:embed watch.sh
var watchScript string

// process is a running server together with the shell that watches over it.
type process struct {
	cmd    *exec.Cmd
	alive  io.Closer // closing it makes the watching shell stop the server
	done   chan struct{}
	result error // of the shell; to be read after done is closed
	stop   sync.Once
	// console is the server's log, open because a temporary home goes with a server that does not start.
	console *os.File
}

// Run starts a server and waits until it answers a query. The server runs until ctx is done, Stop is called or this
// process ends; a temporary home is removed with it. The error is ErrUnavailable where Java, Maven or the jars are
// missing.
func Run(ctx context.Context, o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = io.Discard
	}
	o.Password = or(o.Password, "roundtrip-test")
	o.Heap = or(o.Heap, "512m")
	o.PageCache = or(o.PageCache, "128m")
	if o.StartTimeout == 0 {
		o.StartTimeout = 4 * time.Minute
	}
	if len(o.Password) < 8 {
		return nil, fmt.Errorf("neo4jtest: the password has %d characters and Neo4j wants at least 8", len(o.Password))
	}
	var err error
	if o.Version, err = Release(or(o.Version, os.Getenv(EnvVersion))); err != nil {
		return nil, err
	}
	o.Language = or(o.Language, os.Getenv(EnvLanguage))
	if !slices.Contains([]string{"", "5", "25"}, o.Language) || o.Language == "25" && !calendar(o.Version) {
		return nil, fmt.Errorf("neo4jtest: the language is Cypher %q; want 5 or, with a calendar release, 25", o.Language)
	}
	java, err := findJava(ctx, o.Version)
	if err != nil {
		return nil, err
	}
	jarFolder, err := jars(ctx, o.Version, o.Log)
	if err != nil {
		return nil, err
	}
	if err := choosePorts(ctx, &o); err != nil {
		return nil, err
	}
	temporary := o.Home == ""
	if err := prepareHome(&o); err != nil {
		return nil, err
	}
	proc, err := launch(ctx, o, java, jarFolder, temporary)
	if err != nil {
		if temporary {
			err = errors.Join(err, os.RemoveAll(o.Home))
		}
		return nil, err
	}
	http := "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(o.HTTPPort))
	server := &Server{
		URI:        "bolt://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(o.BoltPort)),
		Username:   "neo4j",
		Password:   o.Password,
		Database:   "neo4j",
		HTTPURL:    http,
		BrowserURL: http + "/browser/",
		process:    proc,
	}
	context.AfterFunc(ctx, func() { _ = server.Stop() })
	startCtx, cancel := context.WithTimeout(ctx, o.StartTimeout)
	defer cancel()
	if err := server.awaitAnswer(startCtx); err != nil {
		return nil, errors.Join(err, server.Stop())
	}
	return server, nil
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// choosePorts replaces ports that are 0 by free ones and makes sure that the others are free.
func choosePorts(ctx context.Context, o *Options) error {
	var listen net.ListenConfig
	for _, port := range []*int{&o.BoltPort, &o.HTTPPort} {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(*port))
		listener, err := listen.Listen(ctx, "tcp", address)
		if err != nil {
			return fmt.Errorf("neo4jtest: port %d of 127.0.0.1 cannot be used: %w", *port, err)
		}
		defer listener.Close() // both stay open until both are known, so that they differ
		tcp, ok := listener.Addr().(*net.TCPAddr)
		if !ok {
			return fmt.Errorf("neo4jtest: %s is not a TCP address", listener.Addr())
		}
		*port = tcp.Port
	}
	return nil
}

// prepareHome makes the home's folders and writes its settings.
func prepareHome(o *Options) error {
	if o.Home == "" {
		home, err := os.MkdirTemp("", "roundtrip-neo4j-")
		if err != nil {
			return fmt.Errorf("neo4jtest: temporary home: %w", err)
		}
		o.Home = home
	}
	home, err := filepath.Abs(o.Home)
	if err != nil {
		return fmt.Errorf("neo4jtest: home %s: %w", o.Home, err)
	}
	o.Home = home
	for _, name := range append([]string{"conf"}, folders...) {
		if err := os.MkdirAll(filepath.Join(home, name), 0o700); err != nil {
			return fmt.Errorf("neo4jtest: home: %w", err)
		}
	}
	if err := os.WriteFile(filepath.Join(home, "conf", "neo4j.conf"), []byte(settings(*o)), 0o600); err != nil {
		return fmt.Errorf("neo4jtest: settings: %w", err)
	}
	return nil
}

// launch sets the password of a new home and starts the server's process under the watching shell.
func launch(ctx context.Context, o Options, java, jarFolder string, temporary bool) (proc *process, err error) {
	environment := append(os.Environ(), "NEO4J_HOME="+o.Home, "NEO4J_CONF="+filepath.Join(o.Home, "conf"))
	if !isDir(filepath.Join(o.Home, "data", "databases", "system")) {
		admin := exec.CommandContext(ctx, java, javaArguments(o, jarFolder, "64m", "org.neo4j.cli.AdminTool",
			"dbms", "set-initial-password", o.Password)...)
		admin.Env = environment
		if out, err := admin.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("neo4jtest: set the first password: %w: %s", err, lastLines(string(out), 8))
		}
	}
	mainClass, err := entryPoint(jarFolder, o.Version)
	if err != nil {
		return nil, err
	}
	signal, remove := "TERM", ""
	if temporary {
		signal, remove = "KILL", o.Home
	}
	watched := append([]string{"-c", watchScript, "watch", signal, remove, java}, javaArguments(o, jarFolder, o.Heap,
		mainClass, "--home-dir="+o.Home, "--config-dir="+filepath.Join(o.Home, "conf"), "--console-mode")...)
	// The shell must outlive ctx by the time an orderly stop takes; Run ties ctx to Stop.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), "sh", watched...)
	cmd.Env = environment
	inOwnGroup(cmd)
	console, err := os.Create(filepath.Join(o.Home, "logs", "console.log"))
	if err != nil {
		return nil, fmt.Errorf("neo4jtest: log: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, console.Close())
		}
	}()
	cmd.Stdout, cmd.Stderr = console, console // a file, not this process's own: go test waits for whoever holds those
	alive, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("neo4jtest: start: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("neo4jtest: start: %w", err)
	}
	proc = &process{cmd: cmd, alive: alive, console: console, done: make(chan struct{})}
	go func() {
		proc.result = cmd.Wait()
		close(proc.done)
	}()
	fmt.Fprintf(o.Log, "Starting Neo4j %s with %s in %s\n", o.Version, java, o.Home)
	return proc, nil
}

// awaitAnswer returns when the server answers a query, or with the reason and the end of its console log.
func (s Server) awaitAnswer(ctx context.Context) error {
	poll := time.NewTicker(100 * time.Millisecond)
	defer poll.Stop()
	last := errors.New("no attempt yet")
	for {
		select {
		case <-s.process.done:
			return fmt.Errorf("neo4jtest: the server ended while starting: %w: %s", s.process.result, logTail(s.process.console))
		case <-ctx.Done():
			return fmt.Errorf("neo4jtest: no answer from %s: %w; last: %w; %s", s.URI, context.Cause(ctx), last, logTail(s.process.console))
		case <-poll.C:
		}
		last = s.ping(ctx)
		if last == nil {
			return nil
		}
		var answer *neo4j.Neo4jError
		if errors.As(last, &answer) && answer.Code == "Neo.ClientError.Security.Unauthorized" {
			return fmt.Errorf("neo4jtest: the data in this home has another password, set at its first start: %w", last)
		}
	}
}

// ping asks the database for one row, within two seconds.
func (s Server) ping(ctx context.Context) error {
	_, err := s.query(ctx, 2*time.Second, "RETURN 1")
	return err
}

// query runs one auto-commit statement in a session of its own and returns its rows.
func (s Server) query(ctx context.Context, limit time.Duration, text string) (rows []*neo4j.Record, err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	driver, err := neo4j.NewDriverWithContext(s.URI, neo4j.BasicAuth(s.Username, s.Password, ""))
	if err != nil {
		return nil, fmt.Errorf("neo4jtest: %s: %w", s.URI, err)
	}
	defer func() { err = errors.Join(err, driver.Close(context.WithoutCancel(ctx))) }()
	session := driver.NewSession(ctx, neo4j.SessionConfig{DatabaseName: s.Database})
	defer func() { err = errors.Join(err, session.Close(context.WithoutCancel(ctx))) }()
	result, err := session.Run(ctx, text, nil)
	if err != nil {
		return nil, fmt.Errorf("neo4jtest: %s: %w", text, err)
	}
	rows, err = result.Collect(ctx)
	if err != nil {
		return nil, fmt.Errorf("neo4jtest: %s: %w", text, err)
	}
	return rows, nil
}

func logTail(console *os.File) string {
	text, err := io.ReadAll(io.NewSectionReader(console, 0, 1<<20))
	if err != nil {
		return "its log cannot be read: " + err.Error()
	}
	return "its log ends with:\n" + lastLines(string(text), 12)
}

// Stop ends a server that Run started and waits for it: at once for a temporary home, in order for a kept one, by
// force after 30 seconds. It does nothing to a server that was started elsewhere.
func (s Server) Stop() error {
	if s.process == nil {
		return nil
	}
	var err error
	s.process.stop.Do(func() {
		if err = errors.Join(s.process.alive.Close(), s.process.console.Close()); errors.Is(err, os.ErrClosed) {
			err = nil // the server had ended by itself
		}
	})
	select {
	case <-s.process.done:
		return err
	case <-time.After(30 * time.Second):
	}
	err = errors.Join(err, fmt.Errorf("neo4jtest: the server did not stop within 30 seconds and was killed"), killGroup(s.process.cmd))
	<-s.process.done
	return err
}

// Done is closed when a server that Run started has ended. It is nil, which never closes, for any other server.
func (s Server) Done() <-chan struct{} {
	if s.process == nil {
		return nil
	}
	return s.process.done
}
