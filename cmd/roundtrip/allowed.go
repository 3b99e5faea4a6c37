package main

import (
	"fmt"
	"net/mail"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"roundtrip/config"
	"roundtrip/graph/strictyaml"
	"roundtrip/reports"
)

// allowed is what schedules saved over HTTP may reach: who can reach the service
// may not write, send and read wherever its user can. Schedules in files and from
// the command line are not judged by it.
type allowed struct {
	folders  []string // absolute
	hosts    []string // as in the setting
	loopback bool     // this machine, by a loopback address
	mail     []string
	secrets  []string
}

// allowedOverHTTP reads the settings. An item that allows nothing is an error.
func allowedOverHTTP(l config.Config) (allowed, error) {
	var a allowed
	folders := l.Reports.Folders
	if len(folders) == 0 {
		folders = []string{filepath.Join(l.Store.Path, "reports")}
	}
	for _, f := range folders {
		absolute, err := filepath.Abs(f)
		if err != nil {
			return a, usage("", "reports.folders: %w", err)
		}
		a.folders = append(a.folders, absolute)
	}
	for _, h := range l.Reports.Hosts {
		name, port := splitHost(strings.TrimPrefix(strings.ToLower(h), "*."))
		if name == "" || h != "*" && strings.ContainsAny(name, "*/@ ") || strings.Trim(port, "0123456789") != "" {
			return a, usage("", "reports.hosts has %q; want a host such as hooks.example.com, hooks.example.com:8443, *.example.com or [::1]:9000, without https:// and path, or * for any", h)
		}
		a.hosts = append(a.hosts, strings.ToLower(h))
	}
	a.loopback = len(a.hosts) == 0 && !l.Server.Insecure
	for _, m := range l.Reports.Mail {
		if _, domain, _ := strings.Cut(m, "@"); m != "*" && strings.ContainsAny(m, "*/<> ") || strings.HasSuffix(m, "@") || strings.Contains(domain, "@") {
			return a, usage("", "reports.mail has %q; want an address such as desk@example.com, a domain such as example.com, or * for any", m)
		}
		a.mail = append(a.mail, strings.ToLower(strings.TrimPrefix(m, "@")))
	}
	if from, err := mail.ParseAddress(l.SMTP.From); err == nil && len(a.mail) == 0 {
		a.mail = []string{domainOf(from.Address)}
	}
	for _, s := range l.Reports.Secrets {
		if strings.ContainsAny(strings.TrimSuffix(s, "*"), "*= $") {
			return a, usage("", "reports.secrets has %q; want the name of an environment variable, or the beginning of names with a * at the end", s)
		}
		a.secrets = append(a.secrets, s)
	}
	return a, nil
}

// check is a fault for everything in the recipients of a schedule that is not
// allowed over HTTP.
func (a allowed) check(s *reports.Schedule) reports.Faults {
	var faults reports.Faults
	fault := func(place, given, what, setting string, want []string) {
		only := what + " " + strings.Join(want, " or ")
		if len(want) == 0 {
			only = "none, because nothing is named"
		}
		faults = append(faults, reports.Fault{
			Location: place, Given: given, Code: strictyaml.CodeNotAllowed,
			Problem: fmt.Sprintf("%q is not allowed over HTTP; want %s (setting %s), or save the schedule from the command line", given, only, setting),
		})
	}
	for i, r := range s.Recipients {
		place := fmt.Sprintf("recipients[%d].", i)
		if r.Path != "" && !slices.ContainsFunc(a.folders, func(root string) bool { return inside(root, r.Path) }) {
			fault(place+"path", r.Path, "a path inside", "reports.folders", a.folders)
		}
		if r.URL != "" && !a.mayAsk(r.URL) {
			hosts := a.hosts
			if a.loopback {
				hosts = []string{"127.0.0.1", "[::1]", "localhost"}
			}
			fault(place+"url", hostOf(r.URL), "a host that is", "reports.hosts", hosts) // the rest may be a secret
		}
		for k, to := range r.To {
			if !a.mayWriteTo(to) {
				fault(fmt.Sprintf("%sto[%d]", place, k), to, "an address that is or is at", "reports.mail", a.mail)
			}
		}
		for k, name := range r.Secrets {
			if !slices.ContainsFunc(a.secrets, func(x string) bool { return nameFits(x, name) }) {
				fault(fmt.Sprintf("%ssecrets[%d]", place, k), name, "a variable that is", "reports.secrets", a.secrets)
			}
		}
	}
	return faults
}

// mayAsk tells whether a webhook may have the address. deliver follows a redirect
// only to the same host.
func (a allowed) mayAsk(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return false
	}
	host := plainHost(u.Hostname())
	if a.loopback {
		ip, err := netip.ParseAddr(host)
		return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return slices.ContainsFunc(a.hosts, func(item string) bool {
		name, only := splitHost(item)
		switch {
		case only != "" && only != port:
			return false
		case name == "*":
			return true
		case strings.HasPrefix(name, "*."):
			_, isIP := netip.ParseAddr(host)
			return isIP != nil && strings.HasSuffix(host, plainHost(name[1:]))
		}
		return host == plainHost(name)
	})
}

// plainHost is a host in the one form in which it is compared.
func plainHost(host string) string {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().String()
	}
	return host
}

// splitHost takes a host and its port apart; brackets stand around an IPv6
// address where a port follows.
func splitHost(s string) (name, port string) {
	if rest, ok := strings.CutPrefix(s, "["); ok {
		name, port, _ = strings.Cut(rest, "]")
		return name, strings.TrimPrefix(port, ":")
	}
	if strings.Count(s, ":") > 1 {
		return s, ""
	}
	name, port, _ = strings.Cut(s, ":")
	return name, port
}

func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil {
		return u.Host
	}
	return ""
}

func (a allowed) mayWriteTo(to string) bool {
	address, err := mail.ParseAddress(to)
	if err != nil {
		return false
	}
	full := strings.ToLower(address.Address)
	return slices.ContainsFunc(a.mail, func(x string) bool { return x == "*" || x == full || x == domainOf(full) })
}

func domainOf(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}

// nameFits tells whether a name is the item, or begins with it where a * ends it.
func nameFits(item, name string) bool {
	if begin, ok := strings.CutSuffix(item, "*"); ok {
		return strings.HasPrefix(name, begin)
	}
	return item == name
}

func inside(root, path string) bool {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(root, absolute)
	return err == nil && filepath.IsLocal(rel)
}

// secretsOf are the values of the settings that must not be shown.
func secretsOf(l config.Config) []string {
	return []string{l.Neo4j.Password, l.SMTP.Password}
}
