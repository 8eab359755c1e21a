package main

import (
	"bytes"
	"context"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRun is the whole program at a small size.
func TestRun(t *testing.T) {
	out := t.TempDir()
	var table, messages bytes.Buffer
	args := "-steps 60 -seeds 1 -activations relu,ditac -size 16 -batch 64 -hidden 16 -hold 0.25 -quiet -out " + out
	require.Equal(t, 0, run(context.Background(), strings.Fields(args), &table, &messages), messages.String())
	require.Empty(t, messages.String())
	require.Contains(t, table.String(), "held-out PSNR dB")
	require.Contains(t, table.String(), "ditac")
	f, err := os.Open(filepath.Join(out, "fits.png"))
	require.NoError(t, err)
	defer f.Close()
	_, err = png.Decode(f)
	require.NoError(t, err)
}

func TestBadFlags(t *testing.T) {
	for args, want := range map[string]string{
		"-image none.png": "-image",
		"-size 3":         "-size: 3",
		"-batch 0":        "-batch: 0",
		"-hidden 0":       "-hidden: 0",
		"-hold 1":         "-hold: 1",
		"-hold NaN":       "-hold",
		"-cells 1":        "cells = 1",
		"extra":           "extra",
	} {
		var out, messages bytes.Buffer
		require.Equal(t, 2, run(context.Background(), strings.Fields(args), &out, &messages), args)
		require.Contains(t, messages.String(), want, args)
	}
}
