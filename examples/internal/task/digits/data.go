package digits

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"strconv"
)

// digitsCSV has a line for each image: 64 numbers of pixels from 0 to 16, row by row,
// and the digit. It is the test set of "Optical Recognition of Handwritten Digits" by
// E. Alpaydin and C. Kaynak (UCI Machine Learning Repository, CC BY 4.0), as
// scikit-learn ships it; see README.md.
//
//go:embed digits.csv.gz
var digitsCSV []byte

const (
	pixels  = 64
	classes = 10
	white   = 16 // the largest number of a pixel
)

// digits are images and their classes.
type digits struct {
	images [][]float32 // pixels from 0 to 1
	class  []int
}

// readDigits reads the images.
func readDigits() (*digits, error) {
	z, err := gzip.NewReader(bytes.NewReader(digitsCSV))
	if err != nil {
		return nil, fmt.Errorf("digits: %w", err)
	}
	r := csv.NewReader(z)
	r.FieldsPerRecord = pixels + 1
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("digits: %w", err)
	}
	d := &digits{}
	for line, row := range rows {
		image := make([]float32, pixels)
		for k := range image {
			v, err := strconv.ParseFloat(row[k], 32)
			if err != nil {
				return nil, fmt.Errorf("digits: line %d: %w", line+1, err)
			}
			image[k] = float32(v) / white
		}
		class, err := strconv.Atoi(row[pixels])
		if err != nil || class < 0 || class >= classes {
			return nil, fmt.Errorf("digits: line %d: class %q, want 0 to %d", line+1, row[pixels], classes-1)
		}
		d.images, d.class = append(d.images, image), append(d.class, class)
	}
	return d, nil
}

// split returns the images to train on and those of the test, a fifth.
func (d *digits) split(seed uint64) (train, test []int) {
	order := rand.New(rand.NewPCG(seed, 2)).Perm(len(d.images))
	n := len(order) / 5
	return order[n:], order[:n]
}

// pack copies images to the rows of x, and their classes, as rows with a single 1, to y.
func (d *digits) pack(images []int, x, y []float32) {
	clear(y)
	for i, k := range images {
		copy(x[i*pixels:], d.images[k])
		y[i*classes+d.class[k]] = 1
	}
}
