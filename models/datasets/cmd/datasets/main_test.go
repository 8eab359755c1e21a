package main

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	for name, c := range map[string]struct {
		args          []string
		status        int
		out, messages string
	}{
		"list":    {[]string{"-list"}, 0, "seattle-weather", ""},
		"load":    {[]string{"-cache", t.TempDir(), "iris", "co2"}, 0, "iris: 150 examples, inputs [4], 3 classes [50 50 50]\nco2: 741 examples, inputs [1], targets 1\n", ""},
		"unknown": {[]string{"x", "wine"}, 1, "wine: 178", `there is no data set "x"`},
		"none":    {nil, 2, "", "Usage:"},
		"flag":    {[]string{"-x"}, 2, "", "not defined"},
		"help":    {[]string{"-h"}, 0, "", "Usage:"},
	} {
		var out, messages bytes.Buffer
		require.Equal(t, c.status, run(context.Background(), c.args, &out, &messages), name)
		require.Contains(t, out.String(), c.out, name)
		require.Contains(t, messages.String(), c.messages, name)
	}
}
