package plots

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/stretchr/testify/require"
)

var regen = flag.Bool("regen", false, "write the golden images anew")

// bent returns a DiTAC curve whose velocities are those of a sine, scaled.
func bent(t testing.TB, scale float64) *curve.Exact {
	t.Helper()
	space, err := cpab.NewSpace(12, cpab.WithDomain(-3, 3))
	require.NoError(t, err)
	c, err := curve.New(space, curve.DiTAC)
	require.NoError(t, err)
	theta := make([]float64, space.Dim())
	for i := range theta {
		theta[i] = scale * 2 * math.Sin(2*math.Pi*float64(i+1)/float64(len(theta)+1))
	}
	e, err := c.Exact(theta)
	require.NoError(t, err)
	return e
}

// normal returns numbers of a normal distribution with the standard deviation 1.5.
func normal(n int) []float32 {
	rng := rand.New(rand.NewPCG(1, 0))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(1.5 * rng.NormFloat64())
	}
	return x
}

func history(t testing.TB, name string, end float64) History {
	h := History{Name: name}
	for i := range 21 {
		h.Snapshots = append(h.Snapshots, Snapshot{10 * i, bent(t, end*float64(i)/20)})
	}
	return h
}

// kinds makes one figure of each kind.
func kinds(t testing.TB) map[string]func() (*Figure, error) {
	e, start := bent(t, 1.2), bent(t, 0)
	decay := make([]float64, 400)
	for i := range decay {
		decay[i] = 2*math.Exp(-float64(i)/80) + 0.01
	}
	dots := image.NewGray(image.Rect(0, 0, 6, 6))
	for i := range dots.Pix {
		dots.Pix[i] = uint8(i * 7)
	}
	wide := image.NewNRGBA(image.Rect(0, 0, 12, 4))
	for i := range 12 {
		wide.Set(i, i/3, color.NRGBA{R: 200, G: uint8(20 * i), A: 255})
	}
	saddle := &Surface{Title: "saddle", N: 21, Lo: -1, Hi: 1}
	for j := range 21 {
		for i := range 21 {
			x, y := float64(i)/10-1, float64(j)/10-1
			saddle.Values = append(saddle.Values, x*x-y*y)
		}
	}
	saddle.Values[5*21+5] = math.NaN()
	return map[string]func() (*Figure, error){
		"activation": func() (*Figure, error) { return Activation("learned", e, ActivationOptions{Start: start}) },
		"field":      func() (*Figure, error) { return Field("learned", e.Field()) },
		"transform":  func() (*Figure, error) { return Transform("transformation", e.Field()) },
		"inputs":     func() (*Figure, error) { return Inputs("layer 1", normal(4000), -3, 3) },
		"layers": func() (*Figure, error) {
			l := Layer{Name: "layer", Now: e, Start: start, Inputs: normal(2000)}
			return Layers("network", []Layer{l, {Name: "bare", Now: e}, l, l, l})
		},
		"evolution": func() (*Figure, error) { return Evolution("evolution", history(t, "layer", 1.2)) },
		"distances": func() (*Figure, error) {
			m, err := Nearest(start, nil)
			if err != nil {
				return nil, err
			}
			return Distances("distance of GELU", m)
		},
		"losses": func() (*Figure, error) {
			return Losses("training", "cross-entropy", []Series{{"relu", [][]float64{decay}}, {"ditac", [][]float64{decay[20:], decay[40:]}}})
		},
		"lines": func() (*Figure, error) {
			return Lines("accuracy", "epoch", "accuracy", []Line{
				{Name: "relu", X: []float64{1, 2, 3}, Y: []float64{0.91, 0.95, 0.96}},
				{Name: "ditac", X: []float64{1, 2, 3}, Y: []float64{0.93, math.NaN(), 0.97}, Dashed: true},
			})
		},
		"images": func() (*Figure, error) {
			return Images("images", []Tile{{Image: dots, Caption: "right"}, {Image: wide, Caption: "wrong", Marked: true}, {Image: dots}}, 2)
		},
		"confusion": func() (*Figure, error) {
			return Confusion("confusion", []string{"cat", "dog", "horse"}, [][]int{{90, 8, 2}, {11, 85, 4}, {0, 3, 40}})
		},
		"heatgrid": func() (*Figure, error) {
			ramp := func(scale float64) HeatTile {
				t := HeatTile{Caption: fmt.Sprintf("up to %v", scale), Marked: scale < 1}
				for i := range 36 {
					t.Values = append(t.Values, scale*(float64(i)/17.5-1))
				}
				return t
			}
			return HeatGrid("what pixels contribute", []Tile{{Image: dots, Caption: "one"}, {Image: dots, Caption: "two"}},
				[]HeatRow{{"relu", []HeatTile{ramp(2), ramp(0.5)}}, {"ditac", []HeatTile{ramp(1), ramp(4)}}})
		},
		"bars": func() (*Figure, error) {
			return Bars("what columns contribute", "mean |attribution|", []string{"age", "income", "a long name"}, []BarSeries{{"relu", []float64{3, 2, 0.1}}, {"ditac", []float64{2.5, 2.25, 0.3}}})
		},
		"heatmap": func() (*Figure, error) { return HeatMap("saddle", saddle, saddle) },
	}
}

// requireSame compares two PNG files: at most one pixel in a thousand may be off by more than
// a tenth of the range, as edges are that another rounding moved.
func requireSame(t *testing.T, want, got []byte) {
	t.Helper()
	w, err := png.Decode(bytes.NewReader(want))
	require.NoError(t, err)
	g, err := png.Decode(bytes.NewReader(got))
	require.NoError(t, err)
	require.Equal(t, w.Bounds(), g.Bounds())
	const tenth = 0xffff / 10
	b, off := w.Bounds(), 0
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r0, g0, b0, _ := w.At(x, y).RGBA()
			r1, g1, b1, _ := g.At(x, y).RGBA()
			for _, d := range []int{int(r0) - int(r1), int(g0) - int(g1), int(b0) - int(b1)} {
				if d > tenth || d < -tenth {
					off++
					break
				}
			}
		}
	}
	require.LessOrEqual(t, off, b.Dx()*b.Dy()/1000, "pixels that differ; look, then run with -regen")
}

// TestGolden compares each kind of figure with a picture in testdata, which -regen writes.
func TestGolden(t *testing.T) {
	for name, figure := range kinds(t) {
		t.Run(name, func(t *testing.T) {
			f, err := figure()
			require.NoError(t, err)
			got := f.PNG()
			require.NotEmpty(t, got)
			path := filepath.Join("testdata", name+".png")
			if *regen {
				require.NoError(t, os.WriteFile(path, got, 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			if runtime.GOARCH != "amd64" {
				t.Skip("glyphs are rendered with the rounding of amd64")
			}
			requireSame(t, want, got)
			var svg bytes.Buffer
			require.NoError(t, f.WriteSVG(&svg))
			require.True(t, bytes.HasSuffix(bytes.TrimSpace(svg.Bytes()), []byte("</svg>")))
		})
	}
}

// TestAnimation reads the GIF back.
func TestAnimation(t *testing.T) {
	a, err := Animate("training", []History{history(t, "layer 1", 1.2), history(t, "layer 2", -1)})
	require.NoError(t, err)
	g, err := gif.DecodeAll(bytes.NewReader(a.GIF()))
	require.NoError(t, err)
	require.Len(t, g.Image, 21)
	require.NotEqual(t, g.Image[0].Pix, g.Image[20].Pix)
	require.Contains(t, a.HTML(), "data:image/gif;base64,")
	path := filepath.Join(t.TempDir(), "a.gif")
	require.NoError(t, a.Save(path))
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, a.GIF(), b)
}
