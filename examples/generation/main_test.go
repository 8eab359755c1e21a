package main

import (
	"bytes"
	"context"
	"image/gif"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ditac-go/ditac/examples/internal/smalldata"
	"github.com/stretchr/testify/require"
)

// pictures writes coloured pictures of two classes and returns their folder.
func pictures(t *testing.T) string {
	dir := t.TempDir()
	require.NoError(t, smalldata.Pictures(dir))
	return dir
}

// TestRun is the whole program at a small size: of coloured pictures, made anew and from
// the files of the first time.
func TestRun(t *testing.T) {
	dir, out := pictures(t), filepath.Join(t.TempDir(), "out")
	args := strings.Fields("-quick -steps 40 -lr 0.002 -seeds 1 -size 16 -samples 65 -images 100 -judge-steps 20 -batch 8 -width 4 -activations relu,ditac -quiet -data " + dir + " -out " + out)
	var first string
	for range 2 {
		var table, messages bytes.Buffer
		require.Equal(t, 0, run(context.Background(), args, &table, &messages), messages.String())
		require.Empty(t, messages.String())
		require.Contains(t, table.String(), "Fréchet distance")
		if first == "" {
			first = table.String()
		}
		require.Equal(t, first, table.String())
		for _, name := range []string{"samples.png", "time.png"} {
			decode(t, filepath.Join(out+"-quick", name), func(f *os.File) error { _, err := png.Decode(f); return err })
		}
		decode(t, filepath.Join(out+"-quick", "time.gif"), func(f *os.File) error {
			g, err := gif.DecodeAll(f)
			require.Len(t, g.Image, 10)
			return err
		})
		text, err := os.ReadFile(filepath.Join(out+"-quick", "judge.md"))
		require.NoError(t, err)
		require.Contains(t, string(text), "noise")
	}
}

func decode(t *testing.T, path string, read func(*os.File) error) {
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	require.NoError(t, read(f))
}

// TestInterrupt: Ctrl-C before the first step is no error but that nothing is done.
func TestInterrupt(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	var table, messages bytes.Buffer
	args := "-steps 4 -size 16 -samples 65 -batch 8 -width 4 -seeds 1 -activations relu -quiet -data " + pictures(t) + " -out " + t.TempDir()
	require.Equal(t, 130, run(ctx, strings.Fields(args), &table, &messages))
	require.Contains(t, messages.String(), "interrupted")
}

func TestBadFlags(t *testing.T) {
	dir := pictures(t)
	for args, want := range map[string]string{
		"-data none":                          "-data",
		"-size 20":                            "-size: 20",
		"-images 3":                           "-images: 3",
		"-samples 10":                         "-samples: 10",
		"-samples 100 -size 16 -data " + dir:  "fewer than the 100 of -samples",
		"-batch 1":                            "-batch: 1",
		"-batch 400 -samples 65 -data " + dir: "-batch: 400",
		"-latent 0":                           "-latent: 0",
		"-judge-steps 0":                      "-judge-steps: 0",
		"-width 0":                            "-width: 0",
		"-discriminator gelu":                 "-discriminator",
		"-cells 1 -samples 65 -data " + dir:   "cells = 1",
		"extra":                               "extra",
	} {
		var out, messages bytes.Buffer
		require.Equal(t, 2, run(context.Background(), strings.Fields(args+" -out "+t.TempDir()), &out, &messages), args)
		require.Contains(t, messages.String(), want, args)
	}
}
