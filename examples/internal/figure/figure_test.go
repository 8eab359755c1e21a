package figure

import (
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

func TestHistogram(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	h := NewHistogram([]float32{0, 1, 2, 3, 4, 4, nan, inf}, 4)
	require.Equal(t, &Histogram{Lo: 0, Hi: 4, Counts: []float64{1, 1, 1, 3}}, h)
	h = NewHistogram([]float32{2, 2}, 2)
	require.Equal(t, &Histogram{Lo: 1.5, Hi: 2.5, Counts: []float64{0, 2}}, h)
	h = NewHistogram(nil, 2)
	require.Equal(t, &Histogram{Lo: -0.5, Hi: 0.5, Counts: []float64{0, 0}}, h)
}

// TestSave draws one of each kind and reads the files back.
func TestSave(t *testing.T) {
	space, err := cpab.NewSpace(5, cpab.WithDomain(-2, 2))
	require.NoError(t, err)
	c, err := curve.New(space, curve.DiTAC)
	require.NoError(t, err)
	e, err := c.Exact([]float64{0.3, -0.2, 0.1, 0.2})
	require.NoError(t, err)
	activation, err := Activation("learned", e, NewHistogram([]float32{-1, 0, 0.5, 1, 3}, 10))
	require.NoError(t, err)
	_, err = Surfaces([]*Surface{{Title: "saddle", N: 3, Lo: -1, Hi: 1, Values: []float64{1, 0, -1, 0, 0, 0, -1, 0, math.Inf(1)}}})
	require.Error(t, err, "an infinite value has no place on a colour scale")
	surfaces, err := Surfaces([]*Surface{{Title: "saddle", N: 3, Lo: -1, Hi: 1, Values: []float64{1, 0, -1, 0, 0, 0, -1, 0, 1}}})
	require.NoError(t, err)
	one, err := Curve("learned", e)
	require.NoError(t, err)
	photo := Photo{Title: "photo", Image: image.NewGray(image.Rect(0, 0, 8, 8))}.Plot()
	losses, err := LossCurves([]Losses{{Name: "a", Runs: [][]float64{{3, 2, 1}}}})
	require.NoError(t, err)
	for name, plots := range map[string][][]*plot.Plot{
		"activation.png": {activation[:2], activation[2:]},
		"surface.png":    {{surfaces[0], nil}},
		"losses.png":     {{losses}},
		"curve.png":      {{one}},
		"photo.png":      {{photo, Key([]string{"this", "that"})}},
	} {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, Save(path, 2*vg.Inch, 2*vg.Inch, plots))
		f, err := os.Open(path)
		require.NoError(t, err)
		img, err := png.Decode(f)
		require.NoError(t, err)
		require.NoError(t, f.Close())
		require.Greater(t, img.Bounds().Dx(), 2*72)
		entries, err := os.ReadDir(filepath.Dir(path))
		require.NoError(t, err)
		require.Len(t, entries, 1, "no temporary file is left")
	}
	require.Error(t, Save(filepath.Join(t.TempDir(), "no", "such", "folder.png"), vg.Inch, vg.Inch, [][]*plot.Plot{{losses}}))
}

// TestScores draws scores, also those that leave an axis without extent or have nothing
// to draw.
func TestScores(t *testing.T) {
	nan := math.NaN()
	for name, values := range map[string][][]float64{
		"several": {{1, 2, nan}, {3, 3.5, 4}, {nan}, nil, {5}},
		"one":     {{2}},
		"none":    {nil, {nan, math.Inf(1)}},
	} {
		var samples []Samples
		var lines []Points
		for i, v := range values {
			samples = append(samples, Samples{Name: string(rune('a' + i)), Values: v})
			lines = append(lines, Points{X: []float64{0.001, 0.01, 0.1}[:len(v)], Y: v})
		}
		strips, err := Strips("title", "score", samples)
		require.NoError(t, err)
		rates, err := OverRates("title", "score", lines)
		require.NoError(t, err)
		path := filepath.Join(t.TempDir(), name+".png")
		require.NoError(t, Save(path, Width, Height, [][]*plot.Plot{{strips, rates}}))
		require.FileExists(t, path)
	}
}

// TestOneLoss: a curve of a single step, or of none, gets an axis of positive numbers;
// gonum/plot would give it one that a logarithm cannot show, on which ticks have no end.
func TestOneLoss(t *testing.T) {
	for _, runs := range [][][]float64{{{0.25}}, {{0}}, nil} {
		p, err := LossCurves([]Losses{{Name: "a", Runs: runs}})
		require.NoError(t, err)
		require.NoError(t, Save(filepath.Join(t.TempDir(), "x.png"), Width, Height, [][]*plot.Plot{{p}}))
	}
}
