package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTarget(t *testing.T) {
	require.Equal(t, 0.0, target(0, 0))
	// By hand: Σ B·sin(A₁) for x = (1, 0).
	want := .4*math.Sin(9) - .1*math.Sin(9) + .15*math.Sin(3) + .15*math.Sin(9) + .1*math.Sin(13) + .1*math.Sin(3)
	require.InDelta(t, want, target(1, 0), 1e-15)
	points, values := evaluationGrid()
	require.Len(t, values, 201*201)
	require.Equal(t, []float32{-1, -1, -0.99, -1}, points[:4])
	require.Equal(t, target(1, 1), values[len(values)-1])
}

// TestRun is the whole program at a small size: it must learn something, print
// the table and write all files, and give the same scores whatever the number of
// workers.
func TestRun(t *testing.T) {
	var tables []string
	for _, workers := range []string{"1", "3"} {
		out := t.TempDir()
		var table, messages bytes.Buffer
		status := run(context.Background(), []string{"-steps", "150", "-seeds", "1-2", "-activations", "relu,prelu,ditac", "-workers", workers, "-quiet", "-out", out}, &table, &messages)
		require.Equal(t, 0, status, messages.String())
		require.Empty(t, messages.String())
		require.Contains(t, table.String(), "ditac")
		f, err := os.ReadFile(filepath.Join(out, "scores.csv"))
		require.NoError(t, err)
		rows, err := csv.NewReader(bytes.NewReader(f)).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 1+3*2)
		scores := ""
		for _, r := range rows {
			scores += r[0] + " " + r[1] + " " + r[2] + " " + r[4] + "\n" // without the seconds
		}
		tables = append(tables, scores)
		for _, name := range []string{"fits.png", "activation.png", "losses.png"} {
			info, err := os.Stat(filepath.Join(out, name))
			require.NoError(t, err)
			require.Greater(t, info.Size(), int64(10000), name)
		}
	}
	require.Equal(t, tables[0], tables[1])
	require.Contains(t, tables[0], "relu 1 ")
	require.Contains(t, tables[0], " 201\n")
	require.Contains(t, tables[0], " 202\n")
	require.Contains(t, tables[0], " 230\n")
}

// TestPenalty trains with a penalty and a sampled start.
func TestPenalty(t *testing.T) {
	c, err := parse([]string{"-steps", "20", "-lambda", "0.01", "-init", "prior", "-cells", "10", "-basis", "qr", "-schedule", "cosine"}, os.Stderr)
	require.NoError(t, err)
	o, err := train(context.Background(), c, "ditac", 1, func() {})
	require.NoError(t, err)
	require.Equal(t, 210, o.params)
	require.Len(t, o.losses, 20)
}

// TestInterrupted ends the program before its first run is done.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var table, messages bytes.Buffer
	status := run(ctx, []string{"-steps", "10", "-seeds", "1", "-quiet", "-out", filepath.Join(t.TempDir(), "none")}, &table, &messages)
	require.Equal(t, 130, status)
	require.Contains(t, messages.String(), "interrupted")
	require.Empty(t, table.String())
}

// TestInterruptedReport keeps what was done before the interruption.
func TestInterruptedReport(t *testing.T) {
	c, err := parse([]string{"-steps", "10", "-seeds", "1-2"}, os.Stderr)
	require.NoError(t, err)
	o, err := train(context.Background(), c, "relu", 1, func() {})
	require.NoError(t, err)
	c.out = t.TempDir()
	res := results{"relu": {o, nil}, "ditac": {nil, nil}}
	var table bytes.Buffer
	require.NoError(t, printTable(&table, c, res))
	require.Contains(t, table.String(), "–")
	files, err := save(c, res)
	require.NoError(t, err)
	require.Len(t, files, 3, "all but the picture of DiTAC")
}

func TestBadFlags(t *testing.T) {
	for args, want := range map[string]string{
		"-activations softsign": "softsign",
		"-seeds x":              "-seeds",
		"-steps 0":              "-steps: 0",
		"-batch -1":             "-batch: -1",
		"-hidden 0":             "-hidden: 0",
		"-workers 0":            "-workers: 0",
		"-lr 0":                 "-lr",
		"-theta-lr NaN":         "-theta-lr",
		"-schedule linear":      "linear",
		"-variant relu":         "-variant",
		"-domain 1":             "-domain",
		"-basis x":              "-basis",
		"-init x":               "-init",
		"-out=":                 "-out",
		"extra":                 "extra",
	} {
		var out, messages bytes.Buffer
		require.Equal(t, 2, run(context.Background(), strings.Fields(args), &out, &messages), args)
		require.Contains(t, messages.String(), want, args)
	}
	// What only the activation itself can tell is an error of the run, not a panic.
	var out, messages bytes.Buffer
	require.Equal(t, 1, run(context.Background(), []string{"-quiet", "-steps", "1", "-seeds", "1", "-activations", "ditac", "-domain", "2,-2"}, &out, &messages))
	require.Contains(t, messages.String(), "domain")
	messages.Reset()
	require.Equal(t, 0, run(context.Background(), []string{"-h"}, &out, &messages))
	require.Contains(t, messages.String(), "Usage")
}
