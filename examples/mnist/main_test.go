package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// images writes the four files of a data set like MNIST: images of 8×8 pixels, of which
// the row of the class is bright.
func images(t *testing.T) string {
	dir := t.TempDir()
	write := func(name string, header []uint32, content []byte) {
		var b bytes.Buffer
		require.NoError(t, binary.Write(&b, binary.BigEndian, header))
		b.Write(content)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o600))
	}
	for prefix, n := range map[string]int{"train": 80, "t10k": 40} {
		var pixels, labels []byte
		for i := range n {
			x := make([]byte, 64)
			for k := range 8 {
				x[8*(i%8)+k] = byte(100 + 20*(i%7))
			}
			pixels, labels = append(pixels, x...), append(labels, byte(i%8))
		}
		write(prefix+"-images-idx3-ubyte", []uint32{0x803, uint32(n), 8, 8}, pixels)
		write(prefix+"-labels-idx1-ubyte", []uint32{0x801, uint32(n)}, labels)
	}
	return dir
}

// TestRun is the whole program at a small size, and again from what it has kept.
func TestRun(t *testing.T) {
	out := t.TempDir()
	args := strings.Fields("-epochs 1 -seeds 1-2 -lr 0.01 -activations relu,prelu,ditac -batch 8 -quiet -data " + images(t) + " -out " + out)
	var table, again, messages bytes.Buffer
	require.Equal(t, 0, run(context.Background(), args, &table, &messages), messages.String())
	require.Empty(t, messages.String())
	for _, want := range []string{"accuracy %", "ditac", "an epoch of 10 steps", "confusion.png", "misclassified.png"} {
		require.Contains(t, table.String(), want)
	}
	for _, name := range []string{"activations.png", "confusion.png", "misclassified.png", "scores.png"} {
		f, err := os.Open(filepath.Join(out, name))
		require.NoError(t, err)
		_, err = png.Decode(f)
		require.NoError(t, err)
		require.NoError(t, f.Close())
	}
	require.Equal(t, 0, run(context.Background(), args, &again, &messages), messages.String())
	require.Equal(t, table.String(), again.String())
	require.Equal(t, 2, run(context.Background(), append(args, "-dropout", "0.5"), &again, &messages))
	require.Contains(t, messages.String(), "other settings")
}

// TestExplain: what contributed is drawn and printed.
func TestExplain(t *testing.T) {
	out := t.TempDir()
	args := strings.Fields("-epochs 1 -seeds 1 -lr 0.01 -activations relu,ditac -batch 8 -quiet -explain -data " + images(t) + " -out " + out)
	var table, messages bytes.Buffer
	require.Equal(t, 0, run(context.Background(), args, &table, &messages), messages.String())
	for _, want := range []string{"explain.png", "  relu: loss ", "    activation 1: alone at its start "} {
		require.Contains(t, table.String(), want)
	}
	f, err := os.Open(filepath.Join(out, "explain.png"))
	require.NoError(t, err)
	_, err = png.Decode(f)
	require.NoError(t, err)
	require.NoError(t, f.Close())
}

// TestLearns: in four epochs most of the test's images are told apart.
func TestLearns(t *testing.T) {
	var table, messages bytes.Buffer
	args := "-epochs 4 -seeds 1 -lr 0.01 -activations ditac -batch 8 -quiet -data " + images(t) + " -out " + t.TempDir()
	require.Equal(t, 0, run(context.Background(), strings.Fields(args), &table, &messages), messages.String())
	require.Contains(t, table.String(), "100.00")
}

func TestBadFlags(t *testing.T) {
	folder := images(t)
	for args, want := range map[string]string{
		"-batch 81": "-batch: 81", "-train 80": "-train: 80", "-shift 2000": "-shift: 2000",
		"-epochs -1": "-epochs: -1", "-cells 1": "cells = 1", "extra": "extra",
	} {
		var out, messages bytes.Buffer
		require.Equal(t, 2, run(context.Background(), append([]string{"-data", folder}, strings.Fields(args)...), &out, &messages), args)
		require.Contains(t, messages.String(), want, args)
	}
}
