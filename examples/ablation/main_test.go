package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ditac-go/ditac/examples/internal/smalldata"
	"github.com/stretchr/testify/require"
)

// ablation runs the program and returns what it printed.
func ablation(t *testing.T, status int, args string) (out, messages string) {
	t.Helper()
	var o, m bytes.Buffer
	require.Equal(t, status, run(context.Background(), strings.Fields(args), &o, &m), m.String())
	return o.String(), m.String()
}

// writeTable writes a table whose y is a wave of a plus 1 where the kind is x.
func writeTable(t *testing.T) string {
	var b strings.Builder
	b.WriteString("a,kind,y\n")
	rng := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		a, kind, y := 2*rng.Float64()-1, "z", 0.0
		if rng.IntN(2) == 0 {
			kind, y = "x", 1
		}
		fmt.Fprintf(&b, "%v,%s,%v\n", a, kind, y+0.5*math.Sin(3*a))
	}
	path := filepath.Join(t.TempDir(), "table.csv")
	require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o600))
	return path
}

// TestCSV compares activations on a table of one's own, in two shards that are merged:
// with the scores of one program, whatever the number of workers.
func TestCSV(t *testing.T) {
	folder := t.TempDir()
	flags := "-task csv -csv " + writeTable(t) + " -target y -activations relu,ditac,authors -lr 0.003,0.01 -seeds 1-2 -steps 150 -quiet -hidden 16 "
	scores := func(name string) string {
		data, err := os.ReadFile(filepath.Join(folder, name, "scores.csv"))
		require.NoError(t, err)
		var rows []string
		for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
			rows = append(rows, strings.Join(strings.Split(line, ",")[:5], ",")) // without times
		}
		return strings.Join(rows, "\n")
	}
	out, _ := ablation(t, 0, flags+"-workers 3 -out "+filepath.Join(folder, "whole"))
	require.Contains(t, out, "R² % (higher is better), each activation at its best rate of 0.003, 0.01")
	for k := 1; k <= 2; k++ {
		out, _ = ablation(t, 0, fmt.Sprintf("%s -workers 1 -shard %d/2 -out %s/part%d", flags, k, folder, k))
		require.Contains(t, out, "6 of its 6 runs done")
	}
	ablation(t, 0, flags+"-merge -out "+folder+"/merged "+folder+"/part1 "+folder+"/part2")
	require.Equal(t, scores("whole"), scores("merged"))
	require.Contains(t, scores("whole"), "relu,0.003,1,")
	_, messages := ablation(t, 1, flags+"-merge -out "+folder+"/merged "+folder+"/part1")
	require.Contains(t, messages, "6 of 12 runs missing")
	_, messages = ablation(t, 2, flags+"-batch 8 -merge -out "+folder+"/merged "+folder+"/part1")
	require.Contains(t, messages, "Batch 32 there, 8 here")
}

// TestClasses compares activations on columns of classes.
func TestClasses(t *testing.T) {
	out, _ := ablation(t, 0, "-task=csv -csv "+writeTable(t)+" -target kind -activations relu,ditac -lr 0.01 -seeds 1 -steps 100 -quiet -out "+t.TempDir())
	require.Contains(t, out, "accuracy %")
	out, _ = ablation(t, 0, "-task dataset -dataset wine -activations relu -lr 0.01 -seeds 1 -steps 100 -quiet -out "+t.TempDir())
	require.Contains(t, out, "training accuracy %")
}

// TestTasks runs every other task for some steps, on data that are made up where it would
// fetch others.
func TestTasks(t *testing.T) {
	pictures, digits := t.TempDir(), t.TempDir()
	require.NoError(t, smalldata.Pictures(pictures))
	require.NoError(t, smalldata.Digits(digits))
	flags := map[string]string{
		"generation":   "-size 16 -samples 65 -images 100 -judge-steps 20 -batch 8 -width 4 -data " + pictures,
		"maps":         "-map co2",
		"mnist":        "-batch 8 -data " + digits,
		"segmentation": "-size 16 -batch 4 -width 4 -depth 1 -test 8 -emoji " + pictures,
	}
	for name := range tasks {
		if name != "csv" && name != "dataset" {
			ablation(t, 0, "-task "+name+" "+flags[name]+" -activations relu,ditac -lr 0.01 -seeds 1 -steps 3 -quiet -out "+t.TempDir())
		}
	}
}

// TestHints: errors of a table name the flag that cures them.
func TestHints(t *testing.T) {
	var ids strings.Builder
	ids.WriteString("id,y\n")
	for i := range 200 {
		fmt.Fprintf(&ids, "a%d,%d\n", i, i)
	}
	for content, want := range map[string]string{
		"a,y\n,1\n2,1\n":           "-missing mean",
		"a,y\n1,1\n2,2\nthree,3\n": "-text",
		ids.String():               "-drop",
	} {
		path := filepath.Join(t.TempDir(), "table.csv")
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		_, messages := ablation(t, 2, "-task csv -csv "+path)
		require.Contains(t, messages, want)
	}
}

// TestTimes reads a column of dates, and cells between semicolons.
func TestTimes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "table.csv")
	text := "day;y\n"
	for i := range 60 {
		text += fmt.Sprintf("2024-%02d-%02d 12:00;%v\n", 1+i/28, 1+i%28, math.Sin(float64(i)))
	}
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	out, messages := ablation(t, 0, "-task csv -csv "+path+" -times day -separator ; -activations relu -lr 0.01 -seeds 1 -steps 20 -out "+t.TempDir())
	require.Contains(t, out, "R²")
	require.Contains(t, messages, `learning "y" (numbers) from 7 inputs; 60 rows`)
}

func TestBadFlags(t *testing.T) {
	table := writeTable(t)
	for args, want := range map[string]string{
		"":                                      "-task: \"\"",
		"-task":                                 "-task: \"\"",
		"-task x":                               "-task: \"x\"",
		"-task csv":                             "-csv: no file",
		"-task csv -csv none.csv":               "none.csv",
		"-task csv -target x -csv " + table:     "\"x\"",
		"-task csv -missing x -csv " + table:    "-missing: \"x\"",
		"-task csv -hidden 8,,8 -csv " + table:  "-hidden: \"8,,8\"",
		"-task csv -hidden 0 -csv " + table:     "-hidden: \"0\"",
		"-task csv -batch 0 -csv " + table:      "-batch: 0",
		"-task csv -test 1 -csv " + table:       "-test: 1",
		"-task csv -test 0.001 -csv " + table:   "-test",
		"-task csv -times kind -csv " + table:   "-csv: data: ReadCSV",
		"-task csv -separator ab -csv " + table: "-separator: \"ab\"",
		"-task csv -cells 1 -csv " + table:      "cells = 1",
		"-task dataset":                         "-dataset: none",
		"-task dataset -dataset x":              "-dataset",
		"-task photo -csv x":                    "-csv",
		"-task photo extra":                     "extra",
	} {
		_, messages := ablation(t, 2, args)
		require.Contains(t, messages, want, args)
	}
	for _, args := range []string{"-h", "-task csv -h"} {
		_, messages := ablation(t, 0, args)
		require.Contains(t, messages, "Usage")
	}
}
