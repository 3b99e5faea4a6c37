package main

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"roundtrip/config"
	"roundtrip/reports"
	"roundtrip/reports/deliver"
)

func allowedBy(t *testing.T, change func(*config.Config)) allowed {
	t.Helper()
	c := config.Default()
	change(&c)
	a, err := allowedOverHTTP(c)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func faultsOf(t *testing.T, a allowed, r reports.Recipient) reports.Faults {
	t.Helper()
	return a.check(&reports.Schedule{Recipients: []reports.Recipient{r}})
}

func TestASchedulePutOverHTTPDeliversOnlyIntoTheDirectoriesThatAreNamed(t *testing.T) {
	root := t.TempDir()
	a := allowedBy(t, func(c *config.Config) {
		c.Reports.Folders = []string{filepath.Join(root, "out"), filepath.Join(root, "feeds")}
	})
	for path, fine := range map[string]bool{
		filepath.Join(root, "out"):                   true,
		filepath.Join(root, "out", "daily"):          true,
		filepath.Join(root, "feeds", "a.xml"):        true,
		filepath.Join(root, "outside"):               false,
		filepath.Join(root, "out", "..", "else"):     false,
		filepath.Join(root, "out") + "/../../secret": false,
		"/etc/cron.d": false,
		"relative":    false,
		"":            true, // a recipient without a file
	} {
		faults := faultsOf(t, a, reports.Recipient{Kind: "folder", Path: path})
		if fine != (len(faults) == 0) || !fine && (faults[0].Location != "recipients[0].path" || faults[0].Given != path) {
			t.Errorf("%s: the faults are %+v", path, faults)
		}
	}
}

func TestASchedulePutOverHTTPSendsOnlyToTheHostsThatAreNamed(t *testing.T) {
	const unset = ""
	for _, tt := range []struct {
		hosts, url string
		fine       bool
	}{
		{unset, "http://127.0.0.1:9000/hook", true},
		{unset, "http://127.8.9.10/", true},
		{unset, "http://[::1]:80/", true},
		{unset, "http://[::ffff:127.0.0.1]/", true},
		{unset, "https://LocalHost./x", true},
		{unset, "http://10.0.0.1/", false},
		{unset, "http://0.0.0.0/", false},
		{unset, "http://127.1/", false},
		{unset, "http://2130706433/", false},
		{unset, "http://169.254.169.254/latest/meta-data", false},
		{unset, "http://127.0.0.1@example.com/", false},
		{unset, "http://localhost.example.com/", false},
		{unset, "https://hooks.slack.com/services/T/B/X", false},
		{"hooks.slack.com", "https://hooks.slack.com/services/T/B/X", true},
		{"hooks.slack.com", "https://HOOKS.slack.com.:443/services", true},
		{"hooks.slack.com", "https://slack.com/", false},
		{"hooks.slack.com", "https://evilhooks.slack.com/", false},
		{"hooks.slack.com", "https://hooks.slack.com.example.com/", false},
		{"hooks.slack.com", "https://hooks.slack.com@example.com/", false},
		{"hooks.slack.com", "http://127.0.0.1/", false}, // what is named is all
		{"hooks.slack.com,127.0.0.1", "http://[::ffff:127.0.0.1]:5/", true},
		{"*.example.com", "https://a.b.example.com/", true},
		{"*.example.com", "https://example.com/", false},
		{"*.example.com", "https://badexample.com/", false},
		{"a.example.com:8443", "https://a.example.com:8443/", true},
		{"a.example.com:8443", "https://a.example.com/", false},
		{"a.example.com:443", "https://a.example.com/", true},
		{"a.example.com:443", "http://a.example.com/", false},
		{"[::1]:9000", "http://[::1]:9000/", true},
		{"[::1]:9000", "http://[::1]:9001/", false},
		{"::1", "http://[0:0:0:0:0:0:0:1]:9001/", true},
		{"*", "http://169.254.169.254/", true},
	} {
		a := allowedBy(t, func(c *config.Config) {
			if tt.hosts != unset {
				c.Reports.Hosts = strings.Split(tt.hosts, ",")
			}
		})
		for _, kind := range []string{"webhook", "slack"} {
			faults := faultsOf(t, a, reports.Recipient{Kind: kind, URL: tt.url})
			if tt.fine != (len(faults) == 0) {
				t.Errorf("%s under %q gives %v, want allowed %t", tt.url, tt.hosts, faults, tt.fine)
			}
		}
	}
	exposed := allowedBy(t, func(c *config.Config) { c.Server.Insecure = true })
	faults := faultsOf(t, exposed, reports.Recipient{Kind: "webhook", URL: "http://127.0.0.1:9000/T0PS3CRET"})
	const want = `"127.0.0.1:9000" is not allowed over HTTP; want none, because nothing is named (setting reports.hosts), or save the schedule from the command line`
	if len(faults) != 1 || faults[0].Location != "recipients[0].url" || faults[0].Given != "127.0.0.1:9000" || faults[0].Problem != want {
		t.Errorf("a server that others reach may ask this machine: %+v", faults)
	}
}

func TestASchedulePutOverHTTPWritesOnlyToTheAddressesThatAreNamed(t *testing.T) {
	for _, tt := range []struct {
		from, mail, to string
		fine           bool
	}{
		{"", "", "a@example.com", false},
		{"Reports <reports@example.com>", "", "Ann <ann@EXAMPLE.com>", true},
		{"reports@example.com", "", "ann@mail.example.com", false},
		{"reports@example.com", "partner.example.net", "ann@partner.example.net", true},
		{"reports@example.com", "@partner.example.net", "ann@partner.example.net", true},
		{"reports@example.com", "partner.example.net", "ann@example.com", false},
		{"", "ann@example.com", "Ann@example.com", true},
		{"", "ann@example.com", "bob@example.com", false},
		{"", "example.com", `"x@example.com" <x@example.org>`, false},
		{"", "*", "x@example.org", true},
	} {
		a := allowedBy(t, func(c *config.Config) {
			c.SMTP.From = tt.from
			if tt.mail != "" {
				c.Reports.Mail = strings.Split(tt.mail, ",")
			}
		})
		faults := faultsOf(t, a, reports.Recipient{Kind: "email", To: []string{tt.to}})
		if tt.fine != (len(faults) == 0) || !tt.fine && faults[0].Location != "recipients[0].to[0]" {
			t.Errorf("%s under %q gives %v, want allowed %t", tt.to, tt.mail, faults, tt.fine)
		}
	}
}

func TestASchedulePutOverHTTPSignsOnlyWithTheVariablesThatAreNamed(t *testing.T) {
	r := reports.Recipient{Kind: "webhook", URL: "http://127.0.0.1/", Secrets: []string{"LEDGER_SECRET", "REPORTS_KEY", "ROUNDTRIP_NEO4J_PASSWORD"}}
	places := func(names ...string) string {
		var list []string
		for _, f := range faultsOf(t, allowedBy(t, func(c *config.Config) { c.Reports.Secrets = names }), r) {
			list = append(list, f.Location+" "+f.Given)
		}
		return strings.Join(list, ", ")
	}
	if got := places(); got != "recipients[0].secrets[0] LEDGER_SECRET, recipients[0].secrets[1] REPORTS_KEY, recipients[0].secrets[2] ROUNDTRIP_NEO4J_PASSWORD" {
		t.Errorf("with no name: %s", got)
	}
	if got := places("LEDGER_SECRET", "REPORTS_*"); got != "recipients[0].secrets[2] ROUNDTRIP_NEO4J_PASSWORD" {
		t.Errorf("with two names: %s", got)
	}
	if got := places("LEDGER", "reports_*", "*"); got != "" {
		t.Errorf("with all: %s", got)
	}
}

func TestASettingThatAllowsNothingIsRefused(t *testing.T) {
	for _, change := range []func(*config.Reports){
		func(r *config.Reports) { r.Hosts = []string{"https://hooks.slack.com/"} },
		func(r *config.Reports) { r.Hosts = []string{"a.*.com"} },
		func(r *config.Reports) { r.Hosts = []string{"a.com/path"} },
		func(r *config.Reports) { r.Hosts = []string{"a.com:http"} },
		func(r *config.Reports) { r.Hosts = []string{":80"} },
		func(r *config.Reports) { r.Mail = []string{"Ann <ann@example.com>"} },
		func(r *config.Reports) { r.Mail = []string{"ann@"} },
		func(r *config.Reports) { r.Mail = []string{"*.example.com"} },
		func(r *config.Reports) { r.Secrets = []string{"$LEDGER"} },
		func(r *config.Reports) { r.Secrets = []string{"A*B"} },
	} {
		c := config.Default()
		change(&c.Reports)
		if _, err := allowedOverHTTP(c); err == nil || !strings.Contains(err.Error(), "want ") {
			t.Errorf("%+v gives %v", c.Reports, err)
		}
	}
}

func TestARedirectOfAnAllowedHostLeadsNowhereElse(t *testing.T) {
	var asked atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer other.Close()
	for _, code := range []int{301, 302, 303, 307, 308} {
		first := httptest.NewServer(http.RedirectHandler(other.URL+"/in", code))
		err := deliver.NewSender(deliver.Options{}).Send(t.Context(), deliver.Recipient{Name: "w", Kind: deliver.Webhook, URL: first.URL}, deliver.Parcel{Key: "k"})
		first.Close()
		if !deliver.Final(err) {
			t.Errorf("%d gives %v", code, err)
		}
	}
	if asked.Load() != 0 {
		t.Errorf("another host was asked %d times", asked.Load())
	}
}

func TestWhatIsNotAllowedOverHTTPIsToldWithItsPlaceBesideAllOtherFaults(t *testing.T) {
	a := allowedBy(t, func(c *config.Config) {
		c.Reports.Folders, c.Reports.Mail = []string{t.TempDir()}, []string{"example.com"}
	})
	_, err := reports.ReadSchedule(t.Context(), "", []byte("name: a\ncron: never\nrecipients:\n  - {kind: folder, path: /etc}\n"+
		"  - {kind: email, to: [a@example.com, b@example.org]}\n"), reports.Checker{More: a.check})
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 3 {
		t.Fatalf("the faults are\n%v", err)
	}
	for i, want := range []string{"line 2:7: cron: ", `line 4:26: recipients[0].path: "/etc" is not allowed over HTTP; `, `line 5:39: recipients[1].to[1]: "b@example.org" is not allowed over HTTP; `} {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("%s\nwant\n%s", lines[i], want)
		}
	}
}
