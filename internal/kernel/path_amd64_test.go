//go:build amd64 && !noasm

package kernel

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestChoose(t *testing.T) {
	require.True(t, best().supported())
	for _, p := range []Path{Portable, AVX2, AVX512} {
		want := best()
		if p.supported() {
			want = p
		}
		require.Equal(t, want, choose(p.String()))
	}
	require.Equal(t, best(), choose(""))
	require.Equal(t, best(), choose("no such path"))
}
