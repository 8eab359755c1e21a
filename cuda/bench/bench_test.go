package bench

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ditac-go/ditac/internal/ptxsim"
)

func TestPanel(t *testing.T) {
	t.Cleanup(Reset)
	require.False(t, Active())
	record("a", ptxsim.Stats{Steps: 3, Barriers: 1})
	record("b", ptxsim.Stats{Steps: 4})
	record("a", ptxsim.Stats{Steps: 5})
	require.Equal(t, map[string]int{"a": 2, "b": 1}, Launches())
	require.Equal(t, ptxsim.Stats{Steps: 12, Barriers: 1}, Stats())
	Reset()
	require.Empty(t, Launches())
	require.Zero(t, Stats())

	t.Cleanup(func() { Configure(ptxsim.Config{}) })
	Configure(ptxsim.Config{Order: ptxsim.Reverse})
	require.Equal(t, ptxsim.Reverse, config().Order)
}
