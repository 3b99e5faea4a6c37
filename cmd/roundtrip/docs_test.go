package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

//go:generate go test -run TestCommandsInTheDocsPrintWhatStandsUnderThem -update

var update = flag.Bool("update", false, "write what the commands in the docs print again")

// TestCommandsInTheDocsPrintWhatStandsUnderThem runs every block that begins
// with "$ roundtrip" on a store with the shipped data and compares the output
// with the lines under it. A line "..." stands for the rest.
func TestCommandsInTheDocsPrintWhatStandsUnderThem(t *testing.T) {
	p := newProgram(t)
	p.fine("analyze", "roundtrips", "--as-of", "2025") // loads the shipped data, which it says once
	for _, name := range []string{"README.md", "docs/questions.md"} {
		file := filepath.Join("..", "..", name)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		blocks := strings.Split(string(text), "```\n")
		commands := 0
		for i, block := range blocks {
			line, under, _ := strings.Cut(block, "\n")
			command, ok := strings.CutPrefix(line, "$ roundtrip ")
			if !ok {
				continue
			}
			commands++
			out := p.fine(strings.Fields(command)...)
			start, cut := strings.CutSuffix(under, "...\n")
			if *update {
				if cut { // as many lines as stand there
					lines := strings.SplitAfter(out, "\n")
					out = strings.Join(lines[:min(len(lines), strings.Count(start, "\n"))], "") + "...\n"
				}
				blocks[i] = line + "\n" + out
				continue
			}
			if cut && strings.HasPrefix(out, start) || out == under {
				continue
			}
			t.Errorf("%s: under %q stands\n%s\nbut it prints\n%s", name, line, under, out)
		}
		if commands == 0 {
			t.Errorf("%s has no command", name)
		}
		if *update {
			if err := os.WriteFile(file, []byte(strings.Join(blocks, "```\n")), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
