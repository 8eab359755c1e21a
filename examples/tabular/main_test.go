package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ditac-go/ditac/models/datasets"
	"github.com/stretchr/testify/require"
)

// tabular runs the program and returns what it printed.
func tabular(t *testing.T, status int, args string) (out, messages string) {
	t.Helper()
	var o, m bytes.Buffer
	require.Equal(t, status, run(context.Background(), strings.Fields(args), &o, &m), m.String())
	return o.String(), m.String()
}

// TestRun makes tables of two tables that the package ships, one of classes and one of
// numbers, and one of both; and again from what it has kept.
func TestRun(t *testing.T) {
	folder := t.TempDir()
	args := "-dataset wine,diabetes -steps 60 -seeds 1-2 -lr 0.003,0.01 -activations relu,ditac -hidden 8 -quiet -out " + folder
	out, _ := tabular(t, 0, args)
	for _, want := range []string{"## wine (food chemistry)", "balanced accuracy %", "## diabetes (health)", "R² %", "difference to the first"} {
		require.Contains(t, out, want)
	}
	summary, err := os.ReadFile(filepath.Join(folder, "summary.md"))
	require.NoError(t, err)
	require.Regexp(t, `\| wine \| \d+\.\d+ ± \d+\.\d+ \| [+-]\d+\.\d+\*? \|`, string(summary))
	require.FileExists(t, filepath.Join(folder, "wine", "table.md"))
	again, _ := tabular(t, 0, args)
	require.Equal(t, out, again)
	_, messages := tabular(t, 2, args+" -label-noise 0.2")
	require.Contains(t, messages, "LabelNoise 0 there, 0.2 here")
}

// TestExplain: what contributed is drawn and written, also of a table of numbers; without the
// flag it is not.
func TestExplain(t *testing.T) {
	folder := t.TempDir()
	args := "-dataset wine,diabetes -steps 30 -seeds 1 -lr 0.01 -activations relu,ditac -hidden 8 -quiet -out " + folder
	out, _ := tabular(t, 0, args+" -explain")
	require.Contains(t, out, "explain.png")
	for _, name := range []string{"wine", "diabetes"} {
		require.FileExists(t, filepath.Join(folder, name, "explain.png"))
		text, err := os.ReadFile(filepath.Join(folder, name, "explain.txt"))
		require.NoError(t, err)
		require.Contains(t, string(text), "  relu: loss ")
		require.Contains(t, string(text), "    activation 1: alone at its start ")
	}
	out, _ = tabular(t, 0, strings.Replace(args, folder, t.TempDir(), 1))
	require.NotContains(t, out, "explain")
}

// TestSpoil runs all that the flags can do to the data and the network.
func TestSpoil(t *testing.T) {
	out, _ := tabular(t, 0, "-dataset wine -steps 60 -seeds 1 -lr 0.01 -activations relu,ditac -hidden 8 -quiet -out "+t.TempDir()+
		" -label-noise 0.1 -missing-inputs 0.1 -shift 0.2 -imbalance 0.5 -rows 60 -dropout 0.1 -patience 5 -lambda 0.01")
	require.Contains(t, out, "ditac")
}

func TestNames(t *testing.T) {
	require.GreaterOrEqual(t, len(names), 10)
	trades := map[string]bool{}
	for _, name := range names {
		info, err := datasets.Describe(name)
		require.NoError(t, err)
		require.Equal(t, datasets.Table, info.Kind)
		trades[info.Trade] = true
	}
	require.GreaterOrEqual(t, len(trades), 8)
}

func TestBadFlags(t *testing.T) {
	for args, want := range map[string]string{
		"-dataset x":                           `"x"`,
		"-dataset wine,":                       `""`,
		"-dataset=volcano":                     `"volcano"`,
		"-dataset wine -label-noise 2":         "-label-noise: 2",
		"-dataset wine -missing-inputs -1":     "-missing-inputs: -1",
		"-dataset wine -shift NaN":             "-shift: NaN",
		"-dataset wine -imbalance 0":           "-imbalance: 0",
		"-dataset diabetes -imbalance 0.5":     "no classes",
		"-dataset wine -rows 1":                "-rows: 1",
		"-dataset wine -rows 143":              "-rows: 143",
		"-dataset wine -dropout 1":             "-dropout: 1",
		"-dataset wine -patience 41":           "-patience: 41",
		"-dataset wine -hidden 0":              "-hidden",
		"-dataset wine -steps 0":               "-steps: 0",
		"-dataset wine -activations none":      `"none"`,
		"-dataset wine -quiet -seeds 1 a path": `"a"`,
	} {
		_, messages := tabular(t, 2, args)
		require.Contains(t, messages, want, args)
	}
	_, messages := tabular(t, 0, "-h")
	require.Equal(t, 1, strings.Count(messages, "Usage"))
}
