package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/viper"
)

// EnvPrefix begins the environment variables of all settings.
const EnvPrefix = "ROUNDTRIP_"

// Variables with the prefix that are not settings.
var otherEnv = []string{"ROUNDTRIP_CONFIG", "ROUNDTRIP_TEST_"}

// Source is where settings are read from.
type Source struct {
	File  string            // YAML file; "" reads none
	Env   []string          // as os.Environ
	Flags map[string]string // by key, as given on the command line
}

// Error is every setting that could not be used.
type Error []string

// Error is one line for each setting.
func (e Error) Error() string { return strings.Join(e, "\n") }

// Loaded is the settings and where each came from.
type Loaded struct {
	Config
	Origin map[string]string // by key: default, file, environment, flag
}

// Default is the settings with every default.
func Default() Config {
	l, err := Load(Source{})
	if err != nil {
		panic(fmt.Sprintf("config: a default is not allowed: %v", err))
	}
	return l.Config
}

// Load reads the settings: flags before the environment, that before the file,
// that before the defaults. The error is an Error naming every bad or unknown
// setting at once, or that of reading the file.
func Load(src Source) (Loaded, error) {
	v := viper.New()
	out := Loaded{Origin: map[string]string{}}
	keys := Describe()
	var bad Error
	if src.File != "" {
		v.SetConfigFile(src.File)
		v.SetConfigType("yaml")
		if err := v.ReadInConfig(); err != nil {
			return out, fmt.Errorf("read the settings in %s: %w", src.File, err)
		}
		for _, name := range v.AllKeys() {
			if !slices.ContainsFunc(keys, func(k Key) bool { return k.Name == name || strings.HasPrefix(name, k.Name+".") && k.Type == "weights" }) {
				bad = append(bad, fmt.Sprintf("%s: %s is not a setting; config print lists them", src.File, name))
			}
		}
	}
	for _, k := range keys {
		out.Origin[k.Name] = "default"
		v.SetDefault(k.Name, k.Default)
		if v.InConfig(k.Name) {
			out.Origin[k.Name] = "file"
		}
	}
	bad = append(bad, environment(v, src.Env, keys, out.Origin)...)
	for name, value := range src.Flags {
		v.Set(name, value)
		out.Origin[name] = "flag"
	}
	for _, k := range keys {
		text := settingText(v.Get(k.Name))
		if err := k.set(&out.Config, text); err != nil {
			shown := text
			if k.Secret {
				shown = masked
			}
			bad = append(bad, fmt.Sprintf("%s (from %s) is %q: %v", k.Name, out.Origin[k.Name], shown, err))
		}
	}
	if err := out.readPassword(); err != nil {
		bad = append(bad, err.Error())
	}
	slices.Sort(bad)
	if len(bad) > 0 {
		return out, bad
	}
	return out, nil
}

// environment sets the keys that variables name and reports variables with the
// prefix that name none.
func environment(v *viper.Viper, environ []string, keys []Key, origin map[string]string) Error {
	var bad Error
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, EnvPrefix) || slices.ContainsFunc(otherEnv, func(o string) bool { return strings.HasPrefix(name, o) }) {
			continue
		}
		i := slices.IndexFunc(keys, func(k Key) bool { return k.Env == name })
		if i < 0 {
			bad = append(bad, fmt.Sprintf("environment: %s is not a setting; config print lists them", name))
			continue
		}
		v.Set(keys[i].Name, value)
		origin[keys[i].Name] = "environment"
	}
	return bad
}

// settingText is a value of the file as a text: lists with commas, maps as
// name=value.
func settingText(value any) string {
	switch x := value.(type) {
	case nil:
		return ""
	case []any:
		parts := make([]string, len(x))
		for i, item := range x {
			parts[i] = settingText(item)
		}
		return strings.Join(parts, ",")
	case map[string]any:
		var parts []string
		for name, item := range x {
			parts = append(parts, name+"="+settingText(item))
		}
		slices.Sort(parts)
		return strings.Join(parts, ",")
	}
	return fmt.Sprint(value)
}

// readPassword reads the files that hold passwords.
func (l *Loaded) readPassword() error {
	return errors.Join(
		passwordFrom("neo4j", l.Neo4j.PasswordFile, &l.Neo4j.Password),
		passwordFrom("smtp", l.SMTP.PasswordFile, &l.SMTP.Password),
	)
}

func passwordFrom(group, file string, password *string) error {
	if file == "" {
		return nil
	}
	if *password != "" {
		return fmt.Errorf("%s.password and %s.password_file are both set; set one", group, group)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("%s.password_file: %w", group, err)
	}
	*password = strings.TrimRight(string(b), "\r\n")
	return nil
}

const masked = "********"

// Print writes the settings as YAML that Load reads back, each with its
// sentence and origin; secrets are masked.
func (l Loaded) Print(w io.Writer) error {
	group := ""
	var b strings.Builder
	for _, k := range Describe() {
		g, name, _ := strings.Cut(k.Name, ".")
		if g != group {
			fmt.Fprintf(&b, "%s:\n", g)
			group = g
		}
		value := k.Text(l.Config)
		if k.Secret && value != "" {
			value = masked
		}
		fmt.Fprintf(&b, "  # %s\n  # From %s; %s.\n  %s: %q\n", k.Doc, l.Origin[k.Name], k.Env, name, value)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
