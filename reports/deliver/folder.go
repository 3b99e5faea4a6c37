package deliver

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// abandoned is the age at which what an attempt left behind is taken for that of
// a process that was killed.
const abandoned = 10 * time.Minute

// folder writes the files into a directory of their own, named after the key. It
// appears whole: the files are written and flushed under a hidden name, then the
// directory is renamed.
func (s *Sender) folder(ctx context.Context, to Recipient, p Parcel) *Error {
	if p.Notice != nil {
		p.Files = []File{noticeFile(p)}
	}
	name := nameOf(p.Key)
	if err := os.MkdirAll(to.Path, 0o755); err != nil {
		return temporary("cannot make the directory", err)
	}
	target := filepath.Join(to.Path, name)
	if holds(target, p.Files) {
		return nil
	}
	s.clear(to.Path, "."+name+".")
	part, err := os.MkdirTemp(to.Path, "."+name+".")
	if err != nil {
		return temporary("cannot make the directory", err)
	}
	defer os.RemoveAll(part) // nothing is left of it after the rename
	if err := os.Chmod(part, 0o755); err != nil {
		return temporary("cannot make the directory", err)
	}
	for _, f := range p.Files {
		if ctx.Err() != nil {
			return temporary("writing the files", ctx.Err())
		}
		if err := writeFile(filepath.Join(part, f.Name), f.Body); err != nil {
			return temporary("writing "+f.Name, err)
		}
	}
	if err := syncDir(part); err != nil {
		return temporary("flushing the directory", err)
	}
	err = os.Rename(part, target)
	if err != nil && holds(target, p.Files) {
		return nil // somebody else was first
	}
	if errors.Is(err, fs.ErrExist) || err != nil && exists(target) { // other files, or somebody has removed some
		old := part + ".old"
		defer os.RemoveAll(old)
		if err = os.Rename(target, old); err == nil {
			err = os.Rename(part, target)
		}
	}
	if err != nil {
		return temporary("naming the directory", err)
	}
	if err := syncDir(to.Path); err != nil {
		return temporary("flushing the directory", err)
	}
	return nil
}

// clear removes what killed attempts left.
func (s *Sender) clear(path, prefix string) {
	entries, _ := os.ReadDir(path) // the attempt itself will say what is wrong with the directory
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), prefix) {
			continue
		}
		if info, err := e.Info(); err == nil && s.o.Now().Sub(info.ModTime()) > abandoned {
			_ = os.RemoveAll(filepath.Join(path, e.Name())) // the next attempt tries again
		}
	}
}

// nameOf is the key as the name of a file: itself where it can be one, else with
// other characters replaced and a hash that tells it apart.
func nameOf(key string) string {
	if safeName(key) {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	name := strings.Map(func(c rune) rune {
		if safeName("a" + string(c)) {
			return c
		}
		return '-'
	}, key)
	name = strings.TrimLeft(name, ".-") // of one byte each
	return name[:min(80, len(name))] + "-" + hex.EncodeToString(sum[:6])
}

// holds tells whether the directory has exactly these files.
func holds(dir string, files []File) bool {
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != len(files) {
		return false
	}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name))
		if err != nil || !bytes.Equal(b, f.Body) {
			return false
		}
	}
	return true
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// writeFile writes a new file and flushes it to the disk.
func writeFile(path string, body []byte) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(body); err != nil {
		return err
	}
	return f.Sync()
}

func syncDir(path string) (err error) {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return d.Sync()
}
