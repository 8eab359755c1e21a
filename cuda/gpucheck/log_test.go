package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLogOf(t *testing.T) {
	require.Equal(t, "spills", logOf([]byte("spills\x00\x00x")))
	require.Equal(t, "full", logOf([]byte("full")))
	require.Empty(t, logOf(make([]byte, 4)))
}

func TestLibrariesOf(t *testing.T) {
	const maps = `00400000-00452000 r-xp 00000000 08:02 173521      /usr/bin/gpucheck
00e03000-00e24000 rw-p 00000000 00:00 0           [heap]
7f1a00000000-7f1a00021000 r--p 00000000 08:02 1 /usr/lib/x86_64-linux-gnu/libcuda.so.550.54.15
7f1a00021000-7f1a00031000 r-xp 00021000 08:02 1 /usr/lib/x86_64-linux-gnu/libcuda.so.550.54.15
7f1a10000000-7f1a10021000 r--p 00000000 08:02 2 /opt/my cuda/libcublasLt.so.12.6.4.1
7f1a20000000-7f1a20021000 r--p 00000000 08:02 3 /usr/lib/libcudnn.so.8.2.1
7f1a30000000-7f1a30021000 rw-p 00000000 00:00 0
`
	require.Equal(t, []string{
		"/usr/lib/x86_64-linux-gnu/libcuda.so.550.54.15", "/opt/my cuda/libcublasLt.so.12.6.4.1", "/usr/lib/libcudnn.so.8.2.1",
	}, librariesOf(maps))
}
