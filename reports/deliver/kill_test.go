package deliver_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"roundtrip/reports/deliver"
)

const killFolder = "ROUNDTRIP_TEST_DELIVER_TO"

// large is a parcel that takes a while to write.
func large(key string) deliver.Parcel {
	p := deliver.Parcel{Key: key, Subject: key, Finding: "Large.", At: now()}
	for i := range 30 {
		p.Files = append(p.Files, deliver.File{Name: fmt.Sprintf("part-%02d.txt", i), ContentType: "text/plain", Body: bytes.Repeat([]byte{byte('a' + i%26)}, 200_000)})
	}
	return p
}

// TestDeliveringUntilKilled is the process that the next test kills.
func TestDeliveringUntilKilled(t *testing.T) {
	dir := os.Getenv(killFolder)
	if dir == "" {
		t.Skip("is run by TestAKilledDeliveryLeavesAWholeParcelOrNone")
	}
	s := sender(0)
	fmt.Println("begin")
	for i := 0; ; i++ {
		if err := s.Send(t.Context(), deliver.Recipient{Name: "f", Kind: deliver.Folder, Path: filepath.Join(dir, "folder")}, large(fmt.Sprintf("k%d", i))); err != nil {
			t.Fatal(err)
		}
		if err := s.Send(t.Context(), deliver.Recipient{Name: "n", Kind: deliver.Atom, Path: filepath.Join(dir, "feed.xml")}, large(fmt.Sprintf("k%d", i))); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAKilledDeliveryLeavesAWholeParcelOrNone(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	const kills = 12
	random := rand.New(rand.NewPCG(1, 2))
	whole, left := 0, 0
	for range kills {
		dir := t.TempDir()
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestDeliveringUntilKilled$")
		cmd.Env = append(os.Environ(), killFolder+"="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := out.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(random.IntN(120)) * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
		entries, _ := os.ReadDir(filepath.Join(dir, "folder"))
		n := 0
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), ".") {
				left++
				continue
			}
			n++
			for _, f := range large(e.Name()).Files {
				if b, err := os.ReadFile(filepath.Join(dir, "folder", e.Name(), f.Name)); err != nil || !bytes.Equal(b, f.Body) {
					t.Errorf("%s of %s is not whole (%v)", f.Name, e.Name(), err)
				}
			}
		}
		whole += n
		if _, err := os.Stat(filepath.Join(dir, "feed.xml")); err == nil {
			if got := len(readAtom(t, filepath.Join(dir, "feed.xml")).Entries); got != min(n, 50) && got != min(n, 50)-1 {
				t.Errorf("the feed has %d entries beside %d parcels", got, n)
			}
		}
		// The next attempt delivers what was on its way.
		p := large(fmt.Sprintf("k%d", n))
		for _, to := range []deliver.Recipient{{Kind: deliver.Folder, Path: filepath.Join(dir, "folder")}, {Kind: deliver.Atom, Path: filepath.Join(dir, "feed.xml")}} {
			if err := sender(0).Send(t.Context(), to, p); err != nil {
				t.Error(err)
			}
		}
	}
	if left == 0 {
		t.Errorf("no kill of %d met a parcel half way; %d were whole", kills, whole)
	}
}
