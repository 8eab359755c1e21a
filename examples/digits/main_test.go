package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRun is the whole program at a small size.
func TestRun(t *testing.T) {
	var table, messages bytes.Buffer
	args := "-steps 20 -seeds 1-2 -activations relu,ditac -quiet -out " + t.TempDir()
	require.Equal(t, 0, run(context.Background(), strings.Fields(args), &table, &messages), messages.String())
	require.Empty(t, messages.String())
	require.Contains(t, table.String(), "accuracy %")
}
