package segmentation

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDivide: variations stay together, nothing is in both parts, and a fifth is held out.
func TestDivide(t *testing.T) {
	c := &cast{classes: []string{"a", "b"}, sprites: make([][]sprite, 2)}
	for i := range 20 {
		for range 3 {
			c.sprites[0] = append(c.sprites[0], sprite{base: fmt.Sprint(i)})
		}
	}
	c.sprites[1] = []sprite{{base: "x"}, {base: "y"}}
	train, test, err := c.divide()
	require.NoError(t, err)
	require.Len(t, train.sprites[0], 48)
	require.Len(t, test.sprites[0], 12)
	seen := map[string]bool{}
	for _, s := range train.sprites[0] {
		seen[s.base] = true
	}
	require.Len(t, seen, 16)
	for _, s := range test.sprites[0] {
		require.False(t, seen[s.base])
	}
	require.Len(t, train.sprites[1], 1)
	require.Len(t, test.sprites[1], 1)
	again, _, err := c.divide()
	require.NoError(t, err)
	require.Equal(t, train, again)
	c.sprites[1] = []sprite{{base: "x"}, {base: "x"}}
	_, _, err = c.divide()
	require.ErrorContains(t, err, `"b" has one picture`)
}

// TestFolder reads pictures with opacity by class.
func TestFolder(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "one", "a.png"), color.NRGBA{R: 200, A: 255})
	write(t, filepath.Join(dir, "two", "a.png"), color.NRGBA{G: 200, A: 255})
	write(t, filepath.Join(dir, "two", "b.png"), color.NRGBA{B: 200, A: 255})
	c, err := read(context.Background(), dir, "")
	require.NoError(t, err)
	require.Equal(t, []string{"one", "two"}, c.classes)
	require.Len(t, c.sprites[0], 1)
	require.Len(t, c.sprites[1], 2)
	img := c.sprites[0][0].image
	require.Equal(t, image.Rect(0, 0, side, side), img.Rect)
	require.Equal(t, color.NRGBA{R: 200, A: 255}, img.NRGBAAt(side/2, side/2))
	require.Zero(t, img.NRGBAAt(0, 0).A)
	was := c.hash()
	c.sprites[1][1].image.Pix[5]++
	require.NotEqual(t, was, c.hash())

	_, err = read(context.Background(), filepath.Join(dir, "none"), "")
	require.ErrorContains(t, err, "-emoji")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "one", "b.png"), []byte("no picture"), 0o600))
	_, err = read(context.Background(), dir, "")
	require.ErrorContains(t, err, "b.png")
	_, err = read(context.Background(), "", "Flags,Flags")
	require.ErrorContains(t, err, `-classes: "Flags" is there twice`)
}

// write writes a disc as a file.
func write(t *testing.T, path string, c color.NRGBA) {
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	f, err := os.Create(path)
	require.NoError(t, err)
	require.NoError(t, png.Encode(f, disc(c, false).image))
	require.NoError(t, f.Close())
}
