// Package smalldata writes small data sets that are made up, with which examples show that
// they work without a network: in tests, and in make examples.
package smalldata

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
)

// perClass is the number of pictures of a class.
const perClass = 120

// Pictures writes a folder with two folders of PNG pictures, classes of 16×16 pixels. The
// upper half of the one and the lower half of the other is bright, and the rest is
// transparent.
func Pictures(folder string) error {
	const side = 16
	for class, name := range []string{"above", "below"} {
		if err := os.MkdirAll(filepath.Join(folder, name), 0o755); err != nil {
			return err
		}
		for i := range perClass {
			img := image.NewNRGBA(image.Rect(0, 0, side, side))
			for k := range side * side {
				if k/(side*side/2) == class {
					img.SetNRGBA(k%side, k/side, color.NRGBA{R: uint8(255 - i), G: 200, B: uint8(2 * i), A: 255})
				}
			}
			var b bytes.Buffer
			if err := png.Encode(&b, img); err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(folder, name, fmt.Sprintf("%03d.png", i)), b.Bytes(), 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// Digits writes a folder with the four files of a data set like MNIST. Its images, of 8×8
// pixels, are of eight classes: the row of the class is bright.
func Digits(folder string) error {
	const side = 8
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	write := func(name string, header []uint32, content []byte) error {
		var b bytes.Buffer
		_ = binary.Write(&b, binary.BigEndian, header) // a buffer takes all
		b.Write(content)
		return os.WriteFile(filepath.Join(folder, name), b.Bytes(), 0o644)
	}
	for _, part := range []struct {
		prefix string
		n      int
	}{{"train", 2 * perClass}, {"t10k", perClass}} {
		var pixels, labels []byte
		for i := range part.n {
			class := i % side
			x := make([]byte, side*side)
			for k := range side {
				x[side*class+k] = byte(100 + 20*(i%7))
			}
			pixels, labels = append(pixels, x...), append(labels, byte(class))
		}
		err := errors.Join(
			write(part.prefix+"-images-idx3-ubyte", []uint32{0x803, uint32(part.n), side, side}, pixels),
			write(part.prefix+"-labels-idx1-ubyte", []uint32{0x801, uint32(part.n)}, labels))
		if err != nil {
			return err
		}
	}
	return nil
}
