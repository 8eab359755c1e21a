package data

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func encode(t testing.TB, img image.Image) []byte {
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, img))
	return b.Bytes()
}

// flag is 3×2: red, half-transparent green, blue; below, black, white, nothing.
func flag() *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, 3, 2))
	for i, c := range []color.NRGBA{{255, 0, 0, 255}, {0, 255, 0, 128}, {0, 0, 255, 255}, {0, 0, 0, 255}, {255, 255, 255, 255}, {9, 9, 9, 0}} {
		img.SetNRGBA(i%3, i/3, c)
	}
	return img
}

func TestReadImage(t *testing.T) {
	path := write(t, "flag.png", encode(t, flag()))
	x, shape, err := ReadImage(path, ImageOptions{})
	require.NoError(t, err)
	require.Equal(t, []int{3, 2, 3}, shape)
	half := float32(127. / 255) // what 128/255 of green leave of white
	require.InDeltaSlice(t, []float32{
		1, half, 0, 0, 1, 1,
		0, 1, 0, 0, 1, 1,
		0, half, 1, 0, 1, 1,
	}, x, 1e-6)
	x, shape, err = ReadImage(path, ImageOptions{Alpha: true})
	require.NoError(t, err)
	require.Equal(t, []int{4, 2, 3}, shape)
	require.InDeltaSlice(t, []float32{0, 1, 0, 0, 1, 0}, x[6:12], 1e-6) // green is not mixed with white
	require.InDeltaSlice(t, []float32{1, 128. / 255, 1, 1, 1, 0}, x[18:], 1e-6)
	x, shape, err = ReadImage(path, ImageOptions{Gray: true})
	require.NoError(t, err)
	require.Equal(t, []int{1, 2, 3}, shape)
	require.InDeltaSlice(t, []float32{.299, .587 + .413*half, .114, 0, 1, 1}, x, 1e-6)

	// The middle square of one colour stays that colour when scaled.
	plain := image.NewRGBA(image.Rect(5, 7, 25, 17))
	for i := range plain.Pix {
		plain.Pix[i] = 255
	}
	for y := 7; y < 17; y++ {
		plain.Set(5, y, color.Black) // outside of the middle
	}
	x, shape, err = FromImage(plain, ImageOptions{Size: 4})
	require.NoError(t, err)
	require.Equal(t, []int{3, 4, 4}, shape)
	for _, v := range x {
		require.Equal(t, float32(1), v)
	}
}

func TestReadImageBad(t *testing.T) {
	file := encode(t, flag())
	for n := range len(file) - 12 { // the last chunk has no contents
		_, _, err := ReadImage(write(t, "cut.png", file[:n]), ImageOptions{})
		require.ErrorContains(t, err, "cut.png")
	}
	huge := encode(t, flag())
	copy(huge[16:], []byte{0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff}) // width and height
	_, _, err := ReadImage(write(t, "huge.png", huge), ImageOptions{})
	require.Error(t, err)
	_, _, err = ReadImage(write(t, "a.png", file), ImageOptions{Size: -1})
	require.ErrorContains(t, err, "Size is -1")
	_, _, err = FromImage(nil, ImageOptions{})
	require.Error(t, err)
	_, _, err = FromImage(flag(), ImageOptions{Size: 1 << 20})
	require.ErrorContains(t, err, "Size is 1048576")
	_, _, err = ReadImage("no/such.png", ImageOptions{})
	require.ErrorIs(t, err, os.ErrNotExist)
}

// TestToImage: a picture becomes numbers and a picture again.
func TestToImage(t *testing.T) {
	for _, o := range []ImageOptions{{Alpha: true}, {}, {Gray: true}, {Gray: true, Alpha: true}} {
		x, shape, err := FromImage(flag(), o)
		require.NoError(t, err)
		img, err := ToImage(x, shape)
		require.NoError(t, err)
		again, _, err := FromImage(img, o)
		require.NoError(t, err)
		require.InDeltaSlice(t, x, again, 1./255) // of 8 bits
	}
	_, err := ToImage(make([]float32, 5), []int{5, 1, 1})
	require.ErrorContains(t, err, "ToImage")
	_, err = ToImage(nil, []int{3, 0, 1})
	require.ErrorContains(t, err, "ToImage")
}

func TestCoordinates(t *testing.T) {
	s, err := Coordinates([]float32{1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60}, []int{2, 2, 3}, "p")
	require.NoError(t, err)
	require.Equal(t, []float32{-1, -1, 0, -1, 1, -1, -1, 1, 0, 1, 1, 1}, s.X)
	require.Equal(t, []float32{1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60}, s.Y)
	_, err = Coordinates(nil, []int{1, 2, 3}, "p")
	require.ErrorContains(t, err, "Coordinates: 0 numbers")
}

// folder writes two classes with two and one picture.
func folder(t testing.TB) string {
	dir := t.TempDir()
	img := image.NewGray(image.Rect(0, 0, 2, 2))
	for i, name := range []string{"cats/a.png", "cats/b.PNG", "dogs/c.jpg"} {
		for k := range img.Pix {
			img.Pix[k] = uint8(51 * i)
		}
		var b bytes.Buffer
		if i == 2 {
			require.NoError(t, jpeg.Encode(&b, img, &jpeg.Options{Quality: 100}))
		} else {
			require.NoError(t, png.Encode(&b, img))
		}
		write(t, name, b.Bytes(), dir)
	}
	write(t, "cats/.hidden", nil, dir)
	return dir
}

func TestReadFolder(t *testing.T) {
	dir := folder(t)
	s, err := ReadFolder(ctx, dir, ImageOptions{Size: 2, Gray: true})
	require.NoError(t, err)
	require.NoError(t, s.Check())
	require.Equal(t, []string{"cats", "dogs"}, s.Classes)
	require.Equal(t, []float32{0, 0, 1}, s.Y)
	require.InDeltaSlice(t, []float32{0, 0, 0, 0, .2, .2, .2, .2, .4, .4, .4, .4}, s.X, 1e-6)

	over, cancel := context.WithCancel(ctx)
	cancel()
	_, err = ReadFolder(over, dir, ImageOptions{Size: 2})
	require.ErrorIs(t, err, context.Canceled)
	for want, add := range map[string]string{
		"notes.txt: want .png, .jpg or .jpeg": "cats/notes.txt",
		"broken.png: no PNG or JPEG":          "cats/broken.png",
		"readme is no folder":                 "readme",
	} {
		path := write(t, add, []byte("text"), dir)
		_, err = ReadFolder(ctx, dir, ImageOptions{Size: 2})
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, dir)
		require.NoError(t, os.Remove(path))
	}
	_, err = ReadFolder(ctx, dir, ImageOptions{})
	require.ErrorContains(t, err, "Size is 0")
	require.NoError(t, os.Mkdir(filepath.Join(dir, "empty"), 0o700))
	_, err = ReadFolder(ctx, dir, ImageOptions{Size: 2})
	require.ErrorContains(t, err, "class empty has no pictures")
	_, err = ReadFolder(ctx, t.TempDir(), ImageOptions{Size: 2})
	require.ErrorContains(t, err, "no folders")
}

func ExampleFromImage() {
	img := image.NewGray(image.Rect(0, 0, 2, 1))
	img.Pix[1] = 255
	x, shape, err := FromImage(img, ImageOptions{Gray: true})
	fmt.Println(x, shape, err)
	// Output: [0 1] [1 1 2] <nil>
}

func ExampleCoordinates() {
	// A picture of one row and two pixels in grey.
	set, err := Coordinates([]float32{0.25, 0.75}, []int{1, 1, 2}, "row")
	fmt.Println(set.X, set.Y, err)
	// Output: [-1 0 1 0] [0.25 0.75] <nil>
}
