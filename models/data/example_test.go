package data_test

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/ditac-go/ditac/models/data"
)

// line is a set of the four points of a line.
func line() *data.Set {
	return &data.Set{X: []float32{0, 1, 2, 3}, Y: []float32{10, 12, 14, 16}, Name: "line"}
}

func ExampleSet_Check() {
	set := line()
	set.Classes = []string{"low", "high"}
	fmt.Println(set.Check())
	// Output: data: line: label 10 of example 0, want an index of the 2 classes
}

func ExampleSet_Subset() {
	sub, err := line().Subset([]int{3, 0})
	fmt.Println(sub.X, sub.Y, err)
	// Output: [3 0] [16 10] <nil>
}

func ExampleSet_Folds() {
	folds, err := line().Folds(2, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range folds {
		fmt.Println(f.Train.Len(), f.Test.Len())
	}
	// Output:
	// 2 2
	// 2 2
}

func ExampleNewBatches() {
	batches, err := data.NewBatches(line(), 2, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	batches.Augment = func(x []float32, _ []int, rng *rand.Rand) {
		x[0] += 0.001 * float32(rng.NormFloat64())
	}
	x, y := make([]float32, 2), make([]float32, 2)
	sum := float32(0)
	for step := range batches.StepsPerEpoch() {
		if err := batches.Fill(step, x, y); err != nil {
			fmt.Println(err)
			return
		}
		sum += y[0] + y[1]
	}
	fmt.Println(sum) // each example once
	// Output: 52
}

func ExampleFitScaler() {
	train := line()
	scaler, err := data.FitScaler(train)
	if err != nil {
		fmt.Println(err)
		return
	}
	scaled, err := scaler.Apply(train)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f\n", scaled.X)
	err = scaler.InvertY(scaled.Y) // of a prediction: back to the targets' unit
	fmt.Printf("%.2f %v\n", scaled.Y, err)
	// Output:
	// [-1.34 -0.45 0.45 1.34]
	// [10.00 12.00 14.00 16.00] <nil>
}

func ExampleFitRange() {
	scaler, err := data.FitRange(line())
	if err != nil {
		fmt.Println(err)
		return
	}
	scaled, err := scaler.Apply(line())
	fmt.Printf("%.2f %v\n", scaled.X, err)
	// Output: [-1.00 -0.33 0.33 1.00] <nil>
}

// temporary calls f with a folder that is removed then.
func temporary(f func(dir string) error) {
	dir, err := os.MkdirTemp("", "data")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	if err := f(dir); err != nil {
		fmt.Println(err)
	}
}

func ExampleReadTable() {
	temporary(func(dir string) error {
		path := filepath.Join(dir, "cars.csv")
		if err := os.WriteFile(path, []byte("name,weight,power,economy\na,900,50,40\nb,1500,,25\n"), 0o600); err != nil {
			return err
		}
		set, report, err := data.ReadTable(context.Background(), path, data.TableOptions{
			Target: "economy", Drop: []string{"name"}, Missing: data.ImputeMean,
		})
		if err != nil {
			return err
		}
		fmt.Println(set.Inputs, set.X, set.Y)
		fmt.Println(report)
		return nil
	})
	// Output:
	// [weight power] [900 50 1500 50] [40 25]
	// 2 rows, "power": 1 missing values imputed
}

func ExampleReadFolder() {
	temporary(func(dir string) error {
		for name, c := range map[string]color.Gray{"night/1.png": {0}, "day/1.png": {255}} {
			img := image.NewGray(image.Rect(0, 0, 8, 6))
			for i := range img.Pix {
				img.Pix[i] = c.Y
			}
			if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700); err != nil {
				return err
			}
			f, err := os.Create(filepath.Join(dir, name))
			if err != nil {
				return err
			}
			defer f.Close()
			if err := png.Encode(f, img); err != nil {
				return err
			}
		}
		set, err := data.ReadFolder(context.Background(), dir, data.ImageOptions{Size: 1, Gray: true})
		if err != nil {
			return err
		}
		fmt.Println(set.Classes, set.XShape, set.X, set.Y)
		return nil
	})
	// Output: [day night] [1 1 1] [1 0] [0 1]
}

func ExampleToImage() {
	img, err := data.ToImage([]float32{1, 0.5, 0}, []int{3, 1, 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(img.At(0, 0))
	// Output: {255 128 0 255}
}
