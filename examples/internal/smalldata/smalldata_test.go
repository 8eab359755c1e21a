package smalldata

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/ditac-go/ditac/models/data"
	"github.com/stretchr/testify/require"
)

// TestRead reads what is written.
func TestRead(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, Pictures(filepath.Join(folder, "pictures")))
	s, err := data.ReadFolder(context.Background(), filepath.Join(folder, "pictures"), data.ImageOptions{Size: 16})
	require.NoError(t, err)
	require.Equal(t, 2*perClass, s.Len())
	require.Equal(t, []string{"above", "below"}, s.Classes)

	require.NoError(t, Digits(filepath.Join(folder, "digits")))
	train, test, err := data.MNIST(context.Background(), filepath.Join(folder, "digits"))
	require.NoError(t, err)
	require.Equal(t, 2*perClass, train.Len())
	require.Equal(t, perClass, test.Len())
	require.NoError(t, test.Check())
}
