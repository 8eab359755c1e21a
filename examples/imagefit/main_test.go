package main

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"math"
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

// TestImage reads a file of the user's own.
func TestImage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "photo.png")
	img := image.NewNRGBA(image.Rect(0, 0, 30, 10)) // of which the middle is red
	for y := range 10 {
		for x := range 30 {
			if x >= 10 && x < 20 {
				img.Set(x, y, color.NRGBA{R: 255, A: 255})
			}
		}
	}
	var data bytes.Buffer
	require.NoError(t, png.Encode(&data, img))
	require.NoError(t, os.WriteFile(path, data.Bytes(), 0o600))
	p, err := readPhoto(path, 4)
	require.NoError(t, err)
	require.Equal(t, []float32{-1, -1}, p.places[:2])
	require.Equal(t, []float32{1, 1}, p.places[30:])
	require.Equal(t, []float32{1, 0, 0}, p.colors[3*5:3*6])
	require.Equal(t, color.NRGBA{R: 255, A: 255}, p.picture(p.colors).At(1, 1))
	require.NoError(t, os.WriteFile(path, []byte("no picture"), 0o600))
	_, err = readPhoto(path, 4)
	require.ErrorContains(t, err, path)
	_, err = readPhoto(path+".none", 4)
	require.ErrorContains(t, err, "-image")
}

// TestSplit keeps pixels out of the training, the same for equal seeds.
func TestSplit(t *testing.T) {
	p, err := readPhoto("", 8)
	require.NoError(t, err)
	train, held := p.split(0.25, 3)
	require.Len(t, train, 48)
	require.Len(t, held, 16)
	require.ElementsMatch(t, append(append([]int{}, train...), held...), func() (all []int) {
		for k := range 64 {
			all = append(all, k)
		}
		return all
	}())
	again, _ := p.split(0.25, 3)
	require.Equal(t, train, again)
}

func TestPSNR(t *testing.T) {
	want := []float32{0, 0, 0, 1, 1, 1}
	got := []float32{0.1, 0.1, 0.1, 0, 0, 0}
	require.InDelta(t, 20, psnr(got, want, []int{0}), 1e-6) // −10·log₁₀(0.01), up to the rounding of float32
	require.InDelta(t, 0, psnr(got, want, []int{1}), 1e-12)
	require.True(t, math.IsNaN(psnr(got, want, nil)))
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
