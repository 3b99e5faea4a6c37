// Package config is the settings of the program: declared once, read from
// flags, the environment, a YAML file and defaults, in that order, and checked
// as a whole.
package config

import (
	"time"

	"roundtrip/graph"
)

// Config is the settings. The tags of each field declare its key, default,
// sentence and, for values that must not be shown, secret.
type Config struct {
	Server   Server   `key:"server"`
	Store    Store    `key:"store"`
	Neo4j    Neo4j    `key:"neo4j"`
	Analysis Analysis `key:"analysis"`
	Cypher   Cypher   `key:"cypher"`
	Limits   Limits   `key:"limits"`
	Reports  Reports  `key:"reports"`
	SMTP     SMTP     `key:"smtp"`
	Log      Log      `key:"log"`
}

// Server is how the service listens.
type Server struct {
	Address  string   `key:"address" default:"127.0.0.1:8080" doc:"Host and port that the service listens on. Addresses other than loopback need insecure."`
	Insecure bool     `key:"insecure" default:"false" doc:"Listen on an address that other machines can reach although nobody has to log in."`
	Hosts    []string `key:"hosts" doc:"Further host names under which a service on loopback may be asked for, separated by commas."`
}

// Store is where the graph is kept.
type Store struct {
	Kind    string `key:"kind" default:"sqlite" enum:"sqlite,neo4j" doc:"sqlite keeps the graph in a file of the data directory and needs no server; neo4j keeps it in a Neo4j database."`
	Path    string `key:"path" default:"data" doc:"Data directory of the embedded store; made when it is not there."`
	Dataset bool   `key:"dataset" default:"true" doc:"Load the shipped data set when serve starts on an empty store."`
}

// Neo4j is how a Neo4j database is reached.
type Neo4j struct {
	URI          string `key:"uri" default:"bolt://127.0.0.1:7687" doc:"Address of the database: bolt:// or neo4j://, with +s for TLS."`
	Username     string `key:"username" default:"neo4j" doc:"User name."`
	Password     string `key:"password" secret:"true" doc:"Password."`
	PasswordFile string `key:"password_file" doc:"File that holds the password; its last line break is left out."`
	Database     string `key:"database" default:"neo4j" doc:"Name of the database."`
	BrowserURL   string `key:"browser_url" doc:"Address of its Neo4j Browser as users reach it, such as http://localhost:7474/browser/; answers then link to it. Blank: no links."`
}

// Analysis is how analyses run.
type Analysis struct {
	Timeout       time.Duration `key:"timeout" default:"30s" min:"1ms" doc:"Longest time for one analysis."`
	CypherLegs    int           `key:"cypher_legs" default:"5000" min:"0" doc:"With a Neo4j store, Cypher answers where it can up to this many legs under the lens; above it the native engine does."`
	Probabilities Probabilities `key:"probabilities" doc:"Weights of states under basis expected, in basis points, such as talks=2500; states that are not named keep their default."`
}

// Probabilities are weights by state.
type Probabilities graph.Probabilities

// Cypher bounds the statements that users write themselves.
type Cypher struct {
	Text    int           `key:"text" default:"65536" min:"1" doc:"Bytes of a statement."`
	Rows    int           `key:"rows" default:"10000" min:"1" doc:"Rows of the answer to a statement."`
	Bytes   int64         `key:"bytes" default:"8388608" min:"1024" doc:"Bytes of the rows of an answer as JSON. Reading one takes up to 40 times as much memory for a moment."`
	Timeout time.Duration `key:"timeout" default:"15s" min:"1ms" doc:"Longest time for a statement, after which Neo4j ends it."`
}

// Limits bound what a request may take.
type Limits struct {
	Body    int64         `key:"body" default:"1048576" min:"1024" doc:"Bytes of a JSON request body."`
	Upload  int64         `key:"upload" default:"1073741824" min:"1024" doc:"Bytes of an uploaded import."`
	Rows    int           `key:"rows" default:"1000" min:"1" doc:"Records in a page of a listing."`
	Request time.Duration `key:"request" default:"30s" min:"1ms" doc:"Time for one request."`
	Import  time.Duration `key:"import" default:"10m" min:"1ms" doc:"Time for one import or export."`
	Heavy   int           `key:"heavy" default:"8" min:"1" doc:"Analyses, drawings and imports that run at once."`
	Wait    time.Duration `key:"wait" default:"2s" min:"0s" doc:"Longest wait of a request for its turn."`
	Drain   time.Duration `key:"drain" default:"15s" min:"0s" doc:"Time that running requests get when the service stops."`
}

// Reports is how reports are made and delivered by schedule.
type Reports struct {
	Enabled bool          `key:"enabled" default:"true" doc:"Run schedules while serving. Of several servers on one store one does."`
	Dir     string        `key:"dir" doc:"Directory of schedule files, *.yaml, beside those saved in the store; read anew every few seconds."`
	Folders []string      `key:"folders" doc:"Directories that schedules saved over HTTP may deliver into, separated by commas; the folder reports of the data directory when none is named. Schedules from the command line or reports.dir may deliver anywhere."`
	Hosts   []string      `key:"hosts" doc:"Hosts that webhooks and Slack recipients of schedules saved over HTTP may have, separated by commas: hooks.example.com, with a port for that one only, *.example.com for those below it, * for any. When none is named: this machine, by a loopback address, and with server.insecure none. Schedules from the command line or reports.dir may send anywhere."`
	Mail    []string      `key:"mail" doc:"Addresses that e-mail of schedules saved over HTTP may go to, separated by commas: desk@example.com, example.com for all of that domain, * for any; the domain of smtp.from when none is named. Schedules from the command line or reports.dir may write to anybody."`
	Secrets []string      `key:"secrets" doc:"Environment variables that schedules saved over HTTP may sign with, separated by commas: names such as LEDGER_SECRET, or REPORTS_* for all that begin so; none when none is named. Schedules from the command line or reports.dir may name any."`
	Workers int           `key:"workers" default:"2" min:"1" doc:"Reports that are made at once."`
	Timeout time.Duration `key:"timeout" default:"5m" min:"1s" doc:"Longest time for one report."`
	History string        `key:"history" default:"2023-01" doc:"First month of the curves in reports; none draws none."`
}

// SMTP is the server that takes the mail of reports.
type SMTP struct {
	Host         string `key:"host" doc:"Name of the mail server; without it no mail is sent."`
	Port         int    `key:"port" default:"0" min:"0" doc:"Port; 0 takes 587, 465 with security tls, 25 with none."`
	Security     string `key:"security" default:"starttls" enum:"starttls,tls,none" doc:"starttls must turn to TLS before anything is said, tls is TLS from the first byte, none is for a relay on the same machine."`
	Username     string `key:"username" doc:"User name; without it nobody logs in."`
	Password     string `key:"password" secret:"true" doc:"Password."`
	PasswordFile string `key:"password_file" doc:"File that holds the password; its last line break is left out."`
	From         string `key:"from" doc:"Sender, such as Reports <reports@example.com>."`
}

// Log is what is logged, to standard error.
type Log struct {
	Level  string `key:"level" default:"info" enum:"debug,info,warn,error" doc:"Least level."`
	Format string `key:"format" default:"text" enum:"text,json" doc:"Form of a line."`
}
