package main

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// pictures makes a folder with three pictures of each of two classes.
func pictures(t *testing.T) string {
	dir := t.TempDir()
	for class, c := range map[string]color.NRGBA{"blue": {B: 250, A: 255}, "yellow": {R: 250, G: 220, A: 255}} {
		require.NoError(t, os.Mkdir(filepath.Join(dir, class), 0o755))
		for _, name := range []string{"a.png", "b.png", "c.png"} {
			img := image.NewNRGBA(image.Rect(0, 0, 20, 20))
			for i := range 200 { // a half
				img.SetNRGBA(i%20, i/20, c)
			}
			f, err := os.Create(filepath.Join(dir, class, name))
			require.NoError(t, err)
			require.NoError(t, png.Encode(f, img))
			require.NoError(t, f.Close())
		}
	}
	return dir
}

// TestRun is the whole program at a small size, and again from what it has kept.
func TestRun(t *testing.T) {
	out, folder := t.TempDir(), pictures(t)
	args := strings.Fields("-steps 4 -seeds 1 -lr 0.01 -activations relu,prelu,ditac -size 16 -batch 4 -width 4 -depth 1 -test 8 -quiet -emoji " + folder + " -out " + out)
	var table, again, messages bytes.Buffer
	require.Equal(t, 0, run(context.Background(), args, &table, &messages), messages.String())
	require.Empty(t, messages.String())
	for _, want := range []string{"mean IoU %", "pixel accuracy %", "ditac", "scenes.png", "activations.png"} {
		require.Contains(t, table.String(), want)
	}
	for _, name := range []string{"scenes.png", "activations.png", "scores.png"} {
		f, err := os.Open(filepath.Join(out, name))
		require.NoError(t, err)
		_, err = png.Decode(f)
		require.NoError(t, err)
		require.NoError(t, f.Close())
	}
	require.Equal(t, 0, run(context.Background(), args, &again, &messages), messages.String())
	require.Equal(t, table.String(), again.String())

	// With one picture less it is another task.
	require.NoError(t, os.Remove(filepath.Join(folder, "blue", "c.png")))
	require.Equal(t, 2, run(context.Background(), args, &again, &messages))
	require.Contains(t, messages.String(), "other settings")
}

// TestNoDiTAC: without ditac there are no learned curves to draw.
func TestNoDiTAC(t *testing.T) {
	out := t.TempDir()
	args := "-steps 2 -seeds 1 -lr 0.01 -activations relu -size 16 -batch 4 -width 4 -depth 1 -test 8 -quiet -emoji " + pictures(t) + " -out " + out
	var table, messages bytes.Buffer
	require.Equal(t, 0, run(context.Background(), strings.Fields(args), &table, &messages), messages.String())
	require.NotContains(t, table.String(), "activations.png")
	require.FileExists(t, filepath.Join(out, "scenes.png"))
}

func TestBadFlags(t *testing.T) {
	for args, want := range map[string]string{
		"-size 12 -depth 3": "-size: 12",
		"-emoji none":       "-emoji",
		"-cells 1":          "cells = 1",
		"extra":             "extra",
	} {
		var out, messages bytes.Buffer
		if !strings.Contains(args, "-emoji") {
			args += " -emoji " + pictures(t)
		}
		require.Equal(t, 2, run(context.Background(), strings.Fields(args), &out, &messages), args)
		require.Contains(t, messages.String(), want, args)
	}
}
