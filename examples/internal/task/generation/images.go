package generation

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"

	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/datasets"
)

// images are the pictures of the task, with numbers from −1 to 1: the generator's last
// function is tanh.
type images struct {
	train, held *data.Set
	hash        string // of all numbers
}

// heldPart is the part of a set that is held out if its source has made no test set.
const heldPart = 0.3

// load reads the data set or folder named from, and returns at most a number of
// images of size×size pixels to train on, and the given number of the others, each in a
// random order.
func load(ctx context.Context, from string, size, most, held int, gray bool) (*images, error) {
	train, test, err := sets(ctx, from, size, gray)
	if err != nil {
		return nil, err
	}
	im := &images{}
	for _, part := range []struct {
		to   **data.Set
		from *data.Set
		most int
	}{{&im.train, train, most}, {&im.held, test, held}} {
		n := part.from.Len()
		s, err := part.from.Subset(rand.New(rand.NewPCG(1, 0)).Perm(n)[:min(n, part.most)])
		if err != nil {
			return nil, err
		}
		if *part.to, err = square(s, size); err != nil {
			return nil, err
		}
	}
	if n := im.held.Len(); n < held {
		return nil, fmt.Errorf("%s has %d images that are held out, fewer than the %d of -samples", from, n, held)
	}
	im.hash = hash(im.train, im.held)
	return im, nil
}

// sets reads a data set, or a folder with a folder of pictures for each class, in two
// parts.
func sets(ctx context.Context, from string, size int, gray bool) (train, test *data.Set, err error) {
	var all *data.Set
	if names := datasets.NamesOf(datasets.Images); slices.Contains(names, from) {
		l, err := datasets.Load(ctx, from, datasets.Options{Size: size, Messages: os.Stderr})
		if err != nil {
			return nil, nil, err
		}
		if l.Train != nil && l.Test != nil {
			return l.Train, l.Test, nil
		}
		all = l.Set
	} else {
		if info, err := os.Stat(from); err != nil || !info.IsDir() {
			return nil, nil, fmt.Errorf("%q is neither a data set (%q) nor a folder", from, names)
		}
		if all, err = data.ReadFolder(ctx, from, data.ImageOptions{Size: size, Gray: gray}); err != nil {
			return nil, nil, err
		}
	}
	test, train, err = all.Split(heldPart, 1)
	return train, test, err
}

// square returns the images as squares of size×size pixels with numbers from −1 to 1:
// larger ones are halved until they fit, and smaller ones get a border of zeros, such as
// those of MNIST have.
func square(s *data.Set, size int) (*data.Set, error) {
	if len(s.XShape) != 3 {
		return nil, fmt.Errorf("%s has examples of shape %v, want (channels, height, width)", s.Name, s.XShape)
	}
	channels := s.XShape[0]
	out := &data.Set{
		X: make([]float32, s.Len()*channels*size*size), Y: s.Y,
		XShape: []int{channels, size, size}, YShape: s.YShape, Classes: s.Classes, Name: s.Name,
	}
	for i := range out.X {
		out.X[i] = -1
	}
	pixels := s.XShape[1] * s.XShape[2]
	for plane := range s.Len() * channels {
		p := grid{s.XShape[1], s.XShape[2], s.X[plane*pixels : (plane+1)*pixels]}
		for p.height > size || p.width > size {
			p = p.halved()
		}
		top, left := (size-p.height)/2, (size-p.width)/2
		for i, v := range p.numbers {
			if !(v >= 0 && v <= 1) {
				return nil, fmt.Errorf("%s: %v in image %d, want numbers from 0 to 1", s.Name, v, plane/channels)
			}
			out.X[(plane*size+top+i/p.width)*size+left+i%p.width] = 2*v - 1
		}
	}
	return out, nil
}

// grid is a channel of an image.
type grid struct {
	height, width int
	numbers       []float32
}

// halved returns the means of squares of 2×2 pixels; odd last rows and columns are left
// out.
func (g grid) halved() grid {
	h := grid{g.height / 2, g.width / 2, nil}
	for y := range h.height {
		for x := range h.width {
			at := 2*y*g.width + 2*x
			h.numbers = append(h.numbers, (g.numbers[at]+g.numbers[at+1]+g.numbers[at+g.width]+g.numbers[at+g.width+1])/4)
		}
	}
	return h
}

// hash returns the SHA-256 of the numbers of sets.
func hash(sets ...*data.Set) string {
	h := sha256.New()
	for _, s := range sets {
		for _, numbers := range [][]float32{s.X, s.Y} {
			for part := range slices.Chunk(numbers, 4096) {
				buffer := make([]byte, 0, 4*4096)
				for _, v := range part {
					buffer = binary.LittleEndian.AppendUint32(buffer, math.Float32bits(v))
				}
				h.Write(buffer)
			}
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// shuffled returns the numbers in a random order.
func shuffled(x []float32, seed uint64) []float32 {
	out := slices.Clone(x)
	rand.New(rand.NewPCG(seed, 0)).Shuffle(len(out), func(i, k int) { out[i], out[k] = out[k], out[i] })
	return out
}
