package photo

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

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
	p, hash, err := readPhoto(path, 4)
	require.NoError(t, err)
	require.Equal(t, fmt.Sprintf("%x", sha256.Sum256(data.Bytes())), hash)
	require.Equal(t, []float32{-1, -1}, p.places[:2])
	require.Equal(t, []float32{1, 1}, p.places[30:])
	require.Equal(t, []float32{1, 0, 0}, p.colors[3*5:3*6])
	require.Equal(t, color.NRGBA{R: 255, A: 255}, p.picture(p.colors).At(1, 1))
	require.NoError(t, os.WriteFile(path, []byte("no picture"), 0o600))
	_, _, err = readPhoto(path, 4)
	require.ErrorContains(t, err, path)
	_, _, err = readPhoto(path+".none", 4)
	require.ErrorContains(t, err, "-image")
}

// TestSplit keeps pixels out of the training, the same for equal seeds.
func TestSplit(t *testing.T) {
	p, _, err := readPhoto("", 8)
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
