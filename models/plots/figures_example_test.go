package plots_test

import (
	"context"
	"fmt"
	"image"
	"log"
	"math"

	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/plots"
	"github.com/ditac-go/ditac/models/train"
	"gonum.org/v1/plot"
	"gorgonia.org/gorgonia"
)

// show prints a figure as a front end without pictures does.
func show(f *plots.Figure, err error) {
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(f)
}

func ExampleField() {
	show(plots.Field("a sample of the prior", sample().Field()))
	// Output: Figure(a sample of the prior, 7.7×3.33 in)
}

func ExampleTransform() {
	show(plots.Transform("T", sample().Field()))
	// Output: Figure(T, 3.93×3.33 in)
}

func ExampleInputs() {
	show(plots.Inputs("first layer", []float32{-4, -1, 0, 0.5, 2}, -3, 3))
	// Output: Figure(first layer, 3.93×3.33 in)
}

func ExampleDistances() {
	matches, err := plots.Nearest(sample(), nil)
	if err != nil {
		log.Fatal(err)
	}
	show(plots.Distances("like which known activation?", matches))
	// Output: Figure(like which known activation?, 3.93×3.33 in)
}

func ExampleLosses() {
	relu, ditac := []float64{2, 1, 0.5}, []float64{2, 0.7, 0.2}
	show(plots.Losses("training", "loss", []plots.Series{{Name: "relu", Runs: [][]float64{relu}}, {Name: "ditac", Runs: [][]float64{ditac}}}))
	// Output: Figure(training, 3.93×3.33 in)
}

func ExampleLines() {
	show(plots.Lines("accuracy", "epoch", "accuracy", []plots.Line{{Name: "ditac", X: []float64{1, 2, 3}, Y: []float64{0.9, 0.95, 0.97}}}))
	// Output: Figure(accuracy, 3.93×3.33 in)
}

func ExampleImages() {
	show(plots.Images("images", []plots.Tile{{Image: image.NewGray(image.Rect(0, 0, 28, 28)), Caption: "nothing"}}, 8))
	// Output: Figure(images, 0.917×1.4 in)
}

func ExampleExamples() {
	set := &data.Set{X: []float32{0, 0.5, 0.5, 1}, Y: []float32{1}, XShape: []int{1, 2, 2}, Classes: []string{"up", "down"}}
	tiles, err := plots.Examples(set, []int{0})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tiles[0].Caption, tiles[0].Image.Bounds())
	// Output: down (0,0)-(2,2)
}

func ExampleMistakes() {
	set := &data.Set{X: []float32{0, 1}, Y: []float32{0, 1}, XShape: []int{1, 1, 1}, Classes: []string{"dark", "light"}}
	tiles, err := plots.Mistakes(set, []float32{0, 0}, 10)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(tiles), tiles[0].Caption)
	// Output: 1 light → dark
}

func ExampleConfusion() {
	show(plots.Confusion("on the test set", []string{"cat", "dog"}, [][]int{{45, 5}, {3, 47}}))
	// Output: Figure(on the test set, 5.53×4.93 in)
}

func ExampleHeatMap() {
	s := &plots.Surface{Title: "waves", N: 50, Lo: -3, Hi: 3}
	for j := range s.N {
		for i := range s.N {
			s.Values = append(s.Values, math.Sin(float64(i)/8)*math.Cos(float64(j)/8))
		}
	}
	show(plots.HeatMap("waves", s))
	// Output: Figure(waves, 3.93×3.33 in)
}

// What the pixels of an image contribute, for two networks (models/explain measures it).
func ExampleHeatGrid() {
	img := image.NewGray(image.Rect(0, 0, 2, 2))
	relu := []plots.HeatTile{{Values: []float64{0.5, -0.25, 0, 1}, Caption: "7"}}
	ditac := []plots.HeatTile{{Values: []float64{0.75, 0, 0, 1.5}, Caption: "7"}}
	show(plots.HeatGrid("for and against", []plots.Tile{{Image: img}}, []plots.HeatRow{{Name: "relu", Tiles: relu}, {Name: "ditac", Tiles: ditac}}))
	// Output: Figure(for and against, 2.19×3.43 in)
}

func ExampleGrid() {
	p := plots.NewPanel("a parabola", "x", "x²")
	if err := plots.AddFunction(p, "", func(x float64) float64 { return x * x }, -1, 1, plots.Color(0), false); err != nil {
		log.Fatal(err)
	}
	plots.AddDomain(p, -1, 1)
	show(plots.Grid("one plot, and an empty place", plots.Width, plots.Height, [][]*plot.Plot{{p, nil}}))
	// Output: Figure(one plot, and an empty place, 7.7×3.33 in)
}

func ExampleKnown() {
	silu, err := plots.Known("silu")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.4f\n", silu(1))
	// Output: 0.7311
}

// A training whose activations are noted, and what there is to see of it.
func ExampleRecorder() {
	set := &data.Set{XShape: []int{1}, YShape: []int{1}}
	for i := range 64 {
		x := float32(i)/16 - 2
		set.X, set.Y = append(set.X, x), append(set.Y, x*x)
	}
	build := func(g *gorgonia.ExprGraph, _ models.Mode) (models.Network, error) {
		return models.NewMLP(g, models.MLPConfig{Sizes: []int{1, 4, 4, 1}, Activation: models.DiTAC(), Seed: 1})
	}
	recorder, err := plots.NewRecorder(10)
	if err != nil {
		log.Fatal(err)
	}
	result, err := train.Fit(context.Background(), train.Config{
		Network: build, Loss: models.MSE, Train: set, Steps: 50, Observers: []train.Observer{recorder},
	})
	if err != nil {
		log.Fatal(err)
	}
	show(plots.Evolution("first activation", recorder.Histories()[0]))
	animation, err := plots.Animate("both activations", recorder.Histories())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(animation.GIF()) > 0)
	layers, err := plots.WithInputs(recorder.Layers(), build, result.Network, set.X, set.XShape)
	if err != nil {
		log.Fatal(err)
	}
	show(plots.Layers("both activations", layers))
	// Output:
	// Figure(first activation, 4.53×3.33 in)
	// true
	// Figure(both activations, 6.62×2.88 in)
}

func ExampleLayersOf() {
	net, err := models.NewMLP(gorgonia.NewGraph(), models.MLPConfig{Sizes: []int{1, 4, 1}, Activation: models.DiTAC(), Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	layers, err := plots.LayersOf(net)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(layers), layers[0].Name)
	// Output: 1 mlp.0.activation
}
