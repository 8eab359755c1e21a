package segmentation

import (
	"context"
	"crypto/sha256"
	"fmt"
	"image"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/datasets"
)

// sprite is a picture with opacity that is put into scenes.
type sprite struct {
	// base is what the picture is a variation of, such as the emoji without a colour of
	// skin: variations are not divided into training and test.
	base  string
	image *image.NRGBA
}

// cast are the sprites of each class of objects.
type cast struct {
	classes []string
	sprites [][]sprite // by class
}

// side is the side in pixels that pictures of the reader's own are scaled to, that of
// the emoji.
const side = 64

// emoji returns the emoji of some categories, each a class.
func emoji(ctx context.Context, categories []string) (*cast, error) {
	pictures, err := datasets.Pictures(ctx, "emoji", datasets.Options{Messages: os.Stderr})
	if err != nil {
		return nil, err
	}
	all := map[string][]sprite{}
	for _, p := range pictures {
		all[p.Category] = append(all[p.Category], sprite{p.Base, p.Image})
	}
	c := &cast{classes: categories}
	for _, name := range categories {
		if len(all[name]) == 0 {
			var known []string
			for k := range all {
				known = append(known, k)
			}
			slices.Sort(known)
			return nil, fmt.Errorf("%q, want some of %s", name, strings.Join(known, ", "))
		}
		c.sprites = append(c.sprites, all[name])
	}
	return c, nil
}

// folder returns the pictures of a folder, in which each folder is a class.
func folder(ctx context.Context, dir string) (*cast, error) {
	set, err := data.ReadFolder(ctx, dir, data.ImageOptions{Size: side, Alpha: true})
	if err != nil {
		return nil, err
	}
	c := &cast{classes: set.Classes, sprites: make([][]sprite, len(set.Classes))}
	for i := range set.Len() {
		x, y := set.Example(i)
		img, err := data.ToImage(x, set.XShape)
		if err != nil {
			return nil, err
		}
		k := int(y[0])
		c.sprites[k] = append(c.sprites[k], sprite{fmt.Sprint(i), img.(*image.NRGBA)})
	}
	return c, nil
}

// hash returns the SHA-256 of the classes and their pictures.
func (c *cast) hash() string {
	h := sha256.New()
	for k, class := range c.classes {
		fmt.Fprintf(h, "%q %d\n", class, len(c.sprites[k]))
		for _, s := range c.sprites[k] {
			h.Write(s.image.Pix)
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// held is the part of each class's pictures that training never sees, and divisionSeed
// what decides which: all trainings are judged by the same test.
const (
	held         = 0.2
	divisionSeed = 1
)

// divide returns the sprites to train with and those to test with: of each class, about a
// fifth of the bases, but at least one.
func (c *cast) divide() (train, test *cast, err error) {
	train, test = &cast{classes: c.classes}, &cast{classes: c.classes}
	for k, sprites := range c.sprites {
		var bases []string
		for _, s := range sprites {
			bases = append(bases, s.base)
		}
		slices.Sort(bases)
		bases = slices.Compact(bases)
		if len(bases) < 2 {
			return nil, nil, fmt.Errorf("class %q has one picture, want at least two: one to train with, one to test with", c.classes[k])
		}
		rng := rand.New(rand.NewPCG(divisionSeed, uint64(k)))
		rng.Shuffle(len(bases), func(i, j int) { bases[i], bases[j] = bases[j], bases[i] })
		kept := bases[max(1, int(held*float64(len(bases)))):]
		var in, out []sprite
		for _, s := range sprites {
			if slices.Contains(kept, s.base) {
				in = append(in, s)
			} else {
				out = append(out, s)
			}
		}
		train.sprites, test.sprites = append(train.sprites, in), append(test.sprites, out)
	}
	return train, test, nil
}

// read returns the pictures of the reader's own folder, or else the emoji of categories.
// An error names the flag.
func read(ctx context.Context, dir, categories string) (*cast, error) {
	if dir != "" {
		c, err := folder(ctx, dir)
		if err != nil {
			return nil, fmt.Errorf("-emoji: %w", err)
		}
		return c, nil
	}
	var names []string
	for _, name := range strings.Split(categories, ",") {
		name = strings.TrimSpace(name)
		if slices.Contains(names, name) {
			return nil, fmt.Errorf("-classes: %q is there twice", name)
		}
		names = append(names, name)
	}
	c, err := emoji(ctx, names)
	if err != nil {
		return nil, fmt.Errorf("-classes: %w", err)
	}
	return c, nil
}
