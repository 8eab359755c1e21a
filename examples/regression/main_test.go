package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ditac-go/ditac/ditacop"
	"github.com/stretchr/testify/require"
)

// TestRun is the whole program at a small size: it must learn something, print
// the table and write all files, and give the same scores whatever the number of
// workers.
func TestRun(t *testing.T) {
	var tables []string
	for _, workers := range []string{"1", "3"} {
		out := t.TempDir()
		var table, messages bytes.Buffer
		status := run(context.Background(), []string{"-steps", "150", "-seeds", "1-2", "-activations", "relu,prelu,ditac,tuned", "-workers", workers, "-quiet", "-out", out}, &table, &messages)
		require.Equal(t, 0, status, messages.String())
		require.Empty(t, messages.String())
		require.Contains(t, table.String(), "ditac")
		f, err := os.ReadFile(filepath.Join(out, "scores.csv"))
		require.NoError(t, err)
		rows, err := csv.NewReader(bytes.NewReader(f)).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 1+4*2)
		scores := ""
		for _, r := range rows {
			scores += strings.Join(r[:4], " ") + " " + r[5] + "\n" // without the seconds
		}
		tables = append(tables, scores)
		for _, name := range []string{"scores.png", "fits.png", "activation.png", "losses.png"} {
			info, err := os.Stat(filepath.Join(out, name))
			require.NoError(t, err)
			require.Greater(t, info.Size(), int64(10000), name)
		}
	}
	require.Equal(t, tables[0], tables[1])
	require.Contains(t, tables[0], "relu 0.005 1 ")
	for _, params := range []int{201, 202, 201 + ditacop.DefaultCells - 1, 230} {
		require.Contains(t, tables[0], fmt.Sprintf(" %d\n", params))
	}
}

// TestStale: a picture that a run has not written is not said to be written, though
// one of an earlier run lies there.
func TestStale(t *testing.T) {
	out := t.TempDir()
	stale := filepath.Join(out, "activation.png")
	require.NoError(t, os.WriteFile(stale, []byte("old"), 0o600))
	var table, messages bytes.Buffer
	require.Equal(t, 0, run(context.Background(), []string{"-steps", "5", "-seeds", "1", "-activations", "relu", "-quiet", "-out", out}, &table, &messages), messages.String())
	require.NotContains(t, table.String(), stale)
	require.NotContains(t, table.String(), "NaN")
}

// TestBadFlags: all that can be told before the training is.
func TestBadFlags(t *testing.T) {
	for args, want := range map[string]string{
		"-activations softsign":         "softsign",
		"-seeds x":                      "-seeds",
		"-steps 0":                      "-steps: 0",
		"-steps 9223372036854775807":    "-steps: 9223372036854775807",
		"-batch -1":                     "-batch: -1",
		"-hidden 0":                     "-hidden: 0",
		"-hidden 99999999":              "-hidden: 99999999",
		"-workers 0":                    "-workers: 0",
		"-lr 0":                         "-lr",
		"-lr inf":                       "-lr",
		"-theta-lr NaN":                 "-theta-lr",
		"-schedule linear":              "linear",
		"-variant relu":                 "-variant",
		"-domain 1":                     "-domain",
		"-domain 2,-2":                  "domain",
		"-basis x":                      "-basis",
		"-init x":                       "-init",
		"-cells 1":                      "cells = 1",
		"-cells -5":                     "cells = -5",
		"-tolerance -1":                 "tolerance",
		"-seeds 0-18446744073709551615": "-seeds",
		"-out=":                         "-out",
		"extra":                         "extra",
	} {
		var out, messages bytes.Buffer
		require.Equal(t, 2, run(context.Background(), strings.Fields(args), &out, &messages), args)
		require.Contains(t, messages.String(), want, args)
	}
	var out, messages bytes.Buffer
	require.Equal(t, 0, run(context.Background(), []string{"-h"}, &out, &messages))
	require.Contains(t, messages.String(), "Usage")
}
