package plots

import (
	"image"
	"math"
	"path/filepath"
	"testing"

	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/train"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// TestKnown compares the known functions with the activations of package models.
func TestKnown(t *testing.T) {
	for _, name := range KnownNames() {
		if name == "identity" {
			continue
		}
		f, err := Known(name)
		require.NoError(t, err)
		maker, err := models.Baseline(name)
		require.NoError(t, err)
		g := gorgonia.NewGraph()
		a, err := maker(models.Place{Graph: g, Dtype: tensor.Float64, Name: "a", Channels: 1, Axis: 1})
		require.NoError(t, err)
		xs := []float64{-30, -3, -0.5, 0, 0.25, 2, 40}
		x := gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithName("x"), gorgonia.WithShape(len(xs), 1), gorgonia.WithValue(tensor.New(tensor.WithShape(len(xs), 1), tensor.WithBacking(xs))))
		y, err := a.Apply(x)
		require.NoError(t, err)
		var value gorgonia.Value
		gorgonia.Read(y, &value)
		m := gorgonia.NewTapeMachine(g)
		require.NoError(t, m.RunAll())
		require.NoError(t, m.Close())
		for i, want := range value.Data().([]float64) {
			// rounding of a few operations, each of 1e-16
			require.InDelta(t, want, f(xs[i]), 1e-14*(1+math.Abs(want)), "%s(%v)", name, xs[i])
		}
	}
	_, err := Known("reul")
	require.ErrorContains(t, err, `"reul"`)
}

// TestNearest: DiTAC at θ = 0 is GELU.
func TestNearest(t *testing.T) {
	m, err := Nearest(bent(t, 0), nil)
	require.NoError(t, err)
	require.Equal(t, "gelu", m[0].Name)
	require.InDelta(t, 0, m[0].Distance, 1e-14)
	// At −1 alone, the difference of GELU from ReLU is Φ(−1) = 0.158655.
	m, err = Nearest(bent(t, 0), []float32{-1, float32(math.NaN())})
	require.NoError(t, err)
	for _, match := range m {
		if match.Name == "relu" {
			require.InDelta(t, 0.158655, match.Distance, 1e-6)
		}
	}
}

func TestRoundTicks(t *testing.T) {
	labels := func(lo, hi float64) (s []string) {
		for _, tick := range (roundTicks{}).Ticks(lo, hi) {
			if tick.Label != "" {
				s = append(s, tick.Label)
			}
		}
		return s
	}
	require.Equal(t, []string{"-2", "0", "2", "4"}, labels(-3.3, 5.1))
	require.Equal(t, []string{"0", "0.2", "0.4", "0.6", "0.8", "1.0"}, labels(0, 1))
	require.Equal(t, []string{"0.91", "0.92", "0.93", "0.94", "0.95"}, labels(0.905, 0.9501))
	require.Equal(t, []string{"0", "2000", "4000", "6000", "8000", "10000"}, labels(0, 10000))
	require.Nil(t, labels(1, 1))
	require.Nil(t, labels(0, math.Inf(1)))
	for _, width := range []float64{1e-300, 1e-9, 3e-4, 0.7, 12, 9e5, 1e300} {
		n := len(labels(0, width))
		require.True(t, n >= 3 && n <= 9, "%d labels over %v", n, width)
	}
}

func TestInputs(t *testing.T) {
	x := []float32{-4, -1, 0, 1, 2.9, 3.1, float32(math.Inf(1)), float32(math.NaN())}
	h, err := newHistogram(x, -3, 3)
	require.NoError(t, err)
	require.InDelta(t, 4.0/6, h.inside, 1e-12)
	sum := 0.0
	for _, s := range h.share {
		sum += s
	}
	require.InDelta(t, 1, sum+h.beyond, 1e-12)
	_, err = Inputs("none", nil, -3, 3)
	require.ErrorContains(t, err, "0 inputs")
	_, err = Inputs("turned", x, 3, -3)
	require.ErrorContains(t, err, "[3, -3]")
}

func TestErrors(t *testing.T) {
	e := bent(t, 1)
	for want, f := range map[string]func() (*Figure, error){
		"nil curve":        func() (*Figure, error) { return Activation("x", nil, ActivationOptions{}) },
		`"reul"`:           func() (*Figure, error) { return Activation("x", e, ActivationOptions{Known: []string{"reul"}}) },
		"5 values for 2×3": func() (*Figure, error) { _, _, err := Heat(make([]float64, 5), 2, 3, 0); return nil, err },
		"scale is -1":      func() (*Figure, error) { _, _, err := Heat(make([]float64, 6), 2, 3, -1); return nil, err },
		"value 0 is NaN":   func() (*Figure, error) { _, _, err := Heat([]float64{math.NaN()}, 1, 1, 0); return nil, err },
		"0 names":          func() (*Figure, error) { return Bars("x", "", nil, []BarSeries{{}}) },
		"2 values for 1":   func() (*Figure, error) { return Bars("x", "", []string{"a"}, []BarSeries{{"b", []float64{1, 2}}}) },
		`value 0 of "b"`: func() (*Figure, error) {
			return Bars("x", "", []string{"a"}, []BarSeries{{"b", []float64{math.Inf(1)}}})
		},
		"0 images and 0 rows": func() (*Figure, error) { return HeatGrid("x", nil, nil) },
		`row "b" has 0 tiles for 1`: func() (*Figure, error) {
			return HeatGrid("x", []Tile{{Image: image.NewGray(image.Rect(0, 0, 2, 1))}}, []HeatRow{{Name: "b"}})
		},
		"b, image 0: plots: Heat: 1 values for 1×2": func() (*Figure, error) {
			return HeatGrid("x", []Tile{{Image: image.NewGray(image.Rect(0, 0, 2, 1))}}, []HeatRow{{"b", []HeatTile{{Values: []float64{1}}}}})
		},
		"b, image 0: value 1 is NaN": func() (*Figure, error) {
			return HeatGrid("x", []Tile{{Image: image.NewGray(image.Rect(0, 0, 2, 1))}}, []HeatRow{{"b", []HeatTile{{Values: []float64{1, math.NaN()}}}}})
		},
		"HeatGrid: x: image 0 is empty": func() (*Figure, error) { return HeatGrid("x", []Tile{{}}, []HeatRow{{}}) },
		"nil field":                     func() (*Figure, error) { return Field("x", nil) },
		"Transform":                     func() (*Figure, error) { return Transform("x", nil) },
		"no DiTAC":                      func() (*Figure, error) { return Layers("x", nil) },
		"bare: nil curve":               func() (*Figure, error) { return Layers("x", []Layer{{Name: "bare"}}) },
		"1 snapshots":                   func() (*Figure, error) { return Evolution("x", History{Snapshots: []Snapshot{{0, e}}}) },
		"of step 0":                     func() (*Figure, error) { return Evolution("x", History{Snapshots: []Snapshot{{0, e}, {0, e}}}) },
		"no images":                     func() (*Figure, error) { return Images("x", nil, 3) },
		"0 columns":                     func() (*Figure, error) { return Images("x", []Tile{{}}, 0) },
		"image 0 is empty":              func() (*Figure, error) { return Images("x", []Tile{{}}, 1) },
		"3 rows":                        func() (*Figure, error) { return Confusion("x", []string{"a", "b"}, make([][]int, 3)) },
		"row 1 has 1":                   func() (*Figure, error) { return Confusion("x", []string{"a", "b"}, [][]int{{1, 2}, {1}}) },
		"-1 in row 0":                   func() (*Figure, error) { return Confusion("x", []string{"a", "b"}, [][]int{{1, -1}, {1, 2}}) },
		"2 x and 1 y":                   func() (*Figure, error) { return Lines("x", "", "", []Line{{X: []float64{1, 2}, Y: []float64{1}}}) },
		"no surfaces":                   func() (*Figure, error) { return HeatMap("x") },
		"flat": func() (*Figure, error) {
			return HeatMap("x", &Surface{Title: "flat", N: 2, Hi: 1, Values: make([]float64, 4)})
		},
		"want 3·3":    func() (*Figure, error) { return HeatMap("x", &Surface{N: 3, Hi: 1, Values: []float64{1, 2}}) },
		"no plots":    func() (*Figure, error) { return Grid("x", vg.Inch, vg.Inch, nil) },
		"row 1 has 2": func() (*Figure, error) { return Grid("x", vg.Inch, vg.Inch, [][]*plot.Plot{{nil}, {nil, nil}}) },
		"no matches":  func() (*Figure, error) { return Distances("x", nil) },
	} {
		_, err := f()
		require.ErrorContains(t, err, want)
	}
	f, err := Transform("x", e.Field())
	require.NoError(t, err)
	require.ErrorContains(t, f.Save("x.pdf"), `"x.pdf"`)
	require.Error(t, f.Save(filepath.Join(t.TempDir(), "no", "such", "folder.png")))
	require.Nil(t, (&Figure{}).PNG())
	require.Contains(t, f.String(), "Figure(x,")
	_, err = Animate("x", []History{history(t, "a", 1), {Name: "b", Snapshots: history(t, "b", 1).Snapshots[:3]}})
	require.ErrorContains(t, err, "b has 3 snapshots")
	_, err = NewRecorder(0)
	require.ErrorContains(t, err, "every 0 steps")
	_, err = LayersOf(nil)
	require.ErrorContains(t, err, "nil network")
	_, err = Examples(&data.Set{X: []float32{1}, Y: []float32{0}, XShape: []int{1, 1, 1}}, []int{1})
	require.ErrorContains(t, err, "example 1")
}

// TestHeat: positive numbers are red, negative ones blue, the more the farther from 0, and 0 is
// pale; what is beyond the scale has the scale's colour.
func TestHeat(t *testing.T) {
	img, scale, err := Heat([]float64{-9, -2, -1, 0, 1, 2}, 2, 3, 2)
	require.NoError(t, err)
	require.Equal(t, 2., scale)
	// red less blue, of 0xffff, of the i-th number
	excess := func(i int) int {
		r, _, b, _ := img.At(i%3, i/3).RGBA()
		return int(r) - int(b)
	}
	require.Equal(t, img.At(1, 0), img.At(0, 0))
	require.Less(t, excess(1), excess(2))
	require.Less(t, excess(2), -0x1000)
	require.InDelta(t, 0, excess(3), 0x200) // grey but for rounding of 8 bits
	require.Greater(t, excess(4), 0x1000)
	require.Greater(t, excess(5), excess(4))

	img, scale, err = Heat(make([]float64, 6), 3, 2, 0) // nothing contributed
	require.NoError(t, err)
	require.Zero(t, scale)
	require.Equal(t, 2, img.Bounds().Dx())
	r, _, b, _ := img.At(1, 2).RGBA()
	require.InDelta(t, float64(r), float64(b), 0x200)
}

// TestNothingToDraw: axes without extent, or without data, are drawn without a panic.
func TestNothingToDraw(t *testing.T) {
	for name, f := range map[string]func() (*Figure, error){
		"no losses":  func() (*Figure, error) { return Losses("x", "loss", nil) },
		"one loss":   func() (*Figure, error) { return Losses("x", "loss", []Series{{"a", [][]float64{{0.25}}}}) },
		"zero loss":  func() (*Figure, error) { return Losses("x", "loss", []Series{{"a", [][]float64{{0, 0}}}}) },
		"no lines":   func() (*Figure, error) { return Lines("x", "", "", nil) },
		"one point":  func() (*Figure, error) { return Lines("x", "", "", []Line{{X: []float64{1}, Y: []float64{1}}}) },
		"equal":      func() (*Figure, error) { return Distances("x", []Match{{"a", 0}}) },
		"not moved":  func() (*Figure, error) { return Evolution("x", history(t, "a", 0)) },
		"still":      func() (*Figure, error) { return Field("x", bent(t, 0).Field()) },
		"no example": func() (*Figure, error) { return Confusion("x", []string{"a", "b"}, [][]int{{0, 0}, {0, 0}}) },
		"far inputs": func() (*Figure, error) { return Layers("x", []Layer{{Now: bent(t, 1), Inputs: []float32{100}}}) },
	} {
		figure, err := f()
		require.NoError(t, err, name)
		path := filepath.Join(t.TempDir(), "x.svg")
		require.NoError(t, figure.Save(path), name)
		require.FileExists(t, path)
		require.NotNil(t, figure.PNG(), name)
	}
}

// TestRecorder trains a small network and looks at what was noted.
func TestRecorder(t *testing.T) {
	recorder, err := NewRecorder(1)
	require.NoError(t, err)
	set := &data.Set{XShape: []int{1}, YShape: []int{1}}
	for i := range 32 {
		x := float32(i)/8 - 2
		set.X, set.Y = append(set.X, x), append(set.Y, x*x)
	}
	const steps = 300
	result, err := train.Fit(t.Context(), train.Config{
		Network: func(g *gorgonia.ExprGraph, _ models.Mode) (models.Network, error) {
			return models.NewMLP(g, models.MLPConfig{Sizes: []int{1, 4, 4, 1}, Activation: models.DiTAC(), Seed: 1})
		},
		Loss: models.MSE, Train: set, Steps: steps, LearnRate: 0.01, Observers: []train.Observer{recorder},
	})
	require.NoError(t, err)
	h := recorder.Histories()
	require.Len(t, h, 2)
	layers, err := LayersOf(result.Network)
	require.NoError(t, err)
	for i := range h {
		s := h[i].Snapshots
		require.NoError(t, h[i].check())
		require.Less(t, len(s), maxSnapshots)
		require.Equal(t, 0, s[0].Step)
		require.Equal(t, steps, s[len(s)-1].Step)
		require.Equal(t, layers[i].Name, h[i].Name)
		require.Equal(t, layers[i].Now.Value(0.7), s[len(s)-1].Curve.Value(0.7))
		require.NotEqual(t, s[0].Curve.Value(0.7), s[len(s)-1].Curve.Value(0.7))
	}
}

// TestWithInputs compares the inputs of the first activation with those that the weights
// give by hand, for one θ and for a θ per unit.
func TestWithInputs(t *testing.T) {
	for _, maker := range []models.Maker{models.DiTAC(), models.DiTACPerChannel()} {
		build := func(g *gorgonia.ExprGraph, _ models.Mode) (models.Network, error) {
			return models.NewMLP(g, models.MLPConfig{Sizes: []int{1, 3, 1}, Activation: maker, Seed: 1})
		}
		g := gorgonia.NewGraph()
		net, err := build(g, models.Training)
		require.NoError(t, err)
		x := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithName("x"), gorgonia.WithShape(2, 1))
		_, err = net.Forward(x)
		require.NoError(t, err)
		layers, err := LayersOf(net)
		require.NoError(t, err)
		layers, err = WithInputs(layers, build, net, []float32{0, 2}, []int{1})
		require.NoError(t, err)
		w := net.Weights()[0].Value().Data().([]float32)
		b := net.Weights()[1].Value().Data().([]float32)
		var got []float32
		for _, l := range layers {
			got = append(got, l.Inputs...)
		}
		want := []float32{b[0], b[1], b[2], b[0] + 2*w[0], b[1] + 2*w[1], b[2] + 2*w[2]}
		if len(layers) == 3 { // unit by unit
			want = []float32{want[0], want[3], want[1], want[4], want[2], want[5]}
		}
		require.InDeltaSlice(t, want, got, 1e-6) // two roundings of numbers up to 3
		_, err = WithInputs(layers[:0], build, net, []float32{0, 2}, []int{1})
		require.ErrorContains(t, err, "0 layers")
		_, err = WithInputs(layers, build, net, []float32{0, 2, 3}, []int{2})
		require.ErrorContains(t, err, "3 numbers")
	}
}

func TestMistakes(t *testing.T) {
	s := &data.Set{X: []float32{0, 0.5, 1}, Y: []float32{0, 1, 1}, XShape: []int{1, 1, 1}, Classes: []string{"a", "b"}}
	tiles, err := Mistakes(s, []float32{1, 1, 0}, 9)
	require.NoError(t, err)
	require.Len(t, tiles, 2)
	require.Equal(t, "a → b", tiles[0].Caption)
	require.Equal(t, "b → a", tiles[1].Caption)
	tiles, err = Mistakes(s, []float32{1, 1, 0}, 1)
	require.NoError(t, err)
	require.Len(t, tiles, 1)
	_, err = Mistakes(s, []float32{1}, 1)
	require.ErrorContains(t, err, "1 predictions")
	_, err = Mistakes(s, []float32{2, 1, 1}, 1)
	require.ErrorContains(t, err, "class 2 of example 0")
}

// TestSeries: losses are geometric means over runs, and those that are not positive are left
// out.
func TestSeries(t *testing.T) {
	xys := Series{Runs: [][]float64{{4, 4}, {1, 1}, {}}}.points()
	require.Len(t, xys, 2)
	require.InDelta(t, 2, xys[0].Y, 1e-12)
	require.Empty(t, Series{Runs: [][]float64{{0, math.NaN()}}}.points())
}
