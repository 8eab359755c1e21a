package main

import (
	"bytes"
	"context"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/examples/internal/task/maps"
	"github.com/ditac-go/ditac/models/data"
	"github.com/stretchr/testify/require"
)

// tiny returns the program of a set that no network is needed for.
func tiny(t *testing.T, s *data.Set) func(args, out string, folders ...string) (status int, text, messages string) {
	return func(args, out string, folders ...string) (int, string, string) {
		own := maps.New(s.Name)
		own.Batch, own.Hidden = 16, 8
		e := program(s.Name)
		e.Task = &given{Task: own, set: s}
		e.Files = []sweep.File{{Name: "maps.png", Write: func(path string, res *sweep.Results) error { return saveMaps(path, own, res) }}}
		var text, messages bytes.Buffer
		all := append(append(strings.Fields(args), "-out", out), folders...)
		status := e.Run(context.Background(), all, &text, &messages)
		return status, text.String(), messages.String()
	}
}

// given is the task of a set that the test has made.
type given struct {
	*maps.Task
	set *data.Set
}

// Check implements task.Task.
func (g *given) Check() error { return g.Use(g.set) }

// surface and series are a map and a series.
func surface() *data.Set {
	s := &data.Set{Name: "surface", XShape: []int{2}, YShape: []int{2}, Inputs: []string{"x", "y"}}
	for i := range 80 {
		x, y := float64(i%10), float64(i/10)
		s.X = append(s.X, float32(x), float32(y))
		s.Y = append(s.Y, float32(math.Sin(x)), float32(math.Cos(y)))
	}
	return s
}

func series() *data.Set {
	s := &data.Set{Name: "series", XShape: []int{1}, Inputs: []string{"year"}}
	for i := range 60 {
		s.X, s.Y = append(s.X, 2000+float32(i)), append(s.Y, float32(math.Sin(float64(i)/5)))
	}
	return s
}

// TestRun is the program on a small map and a small series, and again from what it has
// kept.
func TestRun(t *testing.T) {
	for _, s := range []*data.Set{surface(), series()} {
		out, run := t.TempDir(), tiny(t, s)
		const args = "-steps 20 -seeds 1,2 -lr 0.01 -activations relu,ditac,amplified,sine3,relu+fourier1 -quiet"
		status, text, messages := run(args, out)
		require.Equal(t, 0, status, messages)
		require.Empty(t, messages)
		for _, want := range []string{"held-out R² %", "training R² %", "sine3", "relu+fourier1", "maps.png"} {
			require.Contains(t, text, want)
		}
		for _, name := range []string{"maps.png", "scores.png"} {
			f, err := os.Open(filepath.Join(out, s.Name, name))
			require.NoError(t, err)
			_, err = png.Decode(f)
			require.NoError(t, err)
			require.NoError(t, f.Close())
		}
		merged := t.TempDir()
		status, again, messages := run("-merge "+args, merged, out)
		require.Equal(t, 0, status, messages)
		require.Equal(t, strings.ReplaceAll(text, out, merged), again)
		status, again, _ = run(args, out)
		require.Equal(t, 0, status)
		require.Equal(t, text, again)
		status, _, messages = run("-hidden 9 "+args, out)
		require.Equal(t, 2, status)
		require.Contains(t, messages, "other settings")
	}
}

// TestHelp: the help names the flags of the task and says how names choose frequencies.
func TestHelp(t *testing.T) {
	var out, messages bytes.Buffer
	require.Equal(t, 0, run(context.Background(), []string{"-map", "wind", "-h"}, &out, &messages))
	for _, want := range []string{"-map", "volcano", "-hold", "relu+fourier3"} {
		require.Contains(t, messages.String(), want)
	}
}

func TestBadFlags(t *testing.T) {
	for args, want := range map[string]string{
		"-map moon":                    `-map: "moon"`,
		"-map volcano,moon":            `-map: "moon"`,
		"-hold 0":                      "-hold: 0",
		"-batch 0":                     "-batch: 0",
		"-hidden 0":                    "-hidden: 0",
		"-activations relu+fourier0":   "fourier",
		"-activations relu+waves2":     "waves2",
		"-activations sine0":           "sine0",
		"-map co2 -cells 1":            "cells = 1",
		"-map co2 -activations ditac+": "-activations",
		"extra":                        "extra",
	} {
		var out, messages bytes.Buffer
		require.Equal(t, 2, run(context.Background(), strings.Fields(args), &out, &messages), args)
		require.Contains(t, messages.String(), want, args)
	}
}
