package main

import (
	"bytes"
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestRun trains for a few steps, and shows what was kept again, until it is interrupted.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	var out, messages bytes.Buffer
	args := []string{"-steps", "20", "-wait=false", "-addr", "127.0.0.1:0", "-out", dir}
	require.Equal(t, 0, run(context.Background(), args, &out, &messages), messages.String())
	require.Empty(t, messages.String())
	require.Contains(t, out.String(), "see http://127.0.0.1:")
	for _, name := range []string{"relu", "ditac"} {
		require.FileExists(t, filepath.Join(dir, name+".log.json"))
		events, err := filepath.Glob(filepath.Join(dir, "tensorboard", name, "*"))
		require.NoError(t, err)
		require.Len(t, events, 1)
	}

	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	pages := make(chan string, 1)
	again := writer(func(line string) {
		address, ok := strings.CutPrefix(line, "see ")
		if !ok {
			stop() // it waits for Ctrl-C
			return
		}
		c := http.Client{Timeout: time.Minute}
		r, err := c.Get(strings.TrimSpace(address))
		if err != nil {
			pages <- err.Error()
			return
		}
		defer r.Body.Close()
		pages <- r.Status
	})
	require.Equal(t, 0, run(ctx, []string{"-open", dir, "-addr", "127.0.0.1:0"}, again, &messages), messages.String())
	require.Equal(t, "200 OK", <-pages)
}

// writer is a function that takes what is written.
type writer func(string)

func (w writer) Write(p []byte) (int, error) {
	w(string(p))
	return len(p), nil
}

func TestFlags(t *testing.T) {
	for args, want := range map[string]string{
		"-open /no/such": "-open: ", "-steps 0": "-steps: 0", "extra": `unexpected argument "extra"`, "-wait=x": "-wait",
	} {
		var out, messages bytes.Buffer
		require.Equal(t, 2, run(context.Background(), strings.Fields(args), &out, &messages), args)
		require.Contains(t, messages.String(), want, args)
		require.Empty(t, out.String(), args)
	}
	for args, want := range map[string]string{"-token short": "16", "-addr 0.0.0.0:0": "Token", "-addr here": `"here"`, "-out main.go/x": "main.go"} {
		var out, messages bytes.Buffer
		require.Equal(t, 2, run(context.Background(), append([]string{"-out", t.TempDir()}, strings.Fields(args)...), &out, &messages), args)
		require.Contains(t, messages.String(), want, args)
	}
	var out, messages bytes.Buffer
	require.Equal(t, 0, run(context.Background(), []string{"-h"}, &out, &messages))
	require.Contains(t, messages.String(), "Usage: go run ./examples/dashboard")
}
