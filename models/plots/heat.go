package plots

import (
	"fmt"
	"image"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Heat returns an image of numbers of either sign, row by row, such as the attributions of an
// image's pixels (models/explain): pale at 0, red at scale and blue at −scale, beyond which
// colours do not go. A scale of 0 means the greatest absolute value, which is returned.
func Heat(values []float64, height, width int, scale float64) (image.Image, float64, error) {
	if height < 1 || width < 1 || len(values)/height != width || len(values)%height != 0 {
		return nil, 0, fmt.Errorf("plots: Heat: %d values for %d×%d pixels", len(values), height, width)
	}
	if !(scale >= 0) || math.IsInf(scale, 1) {
		return nil, 0, fmt.Errorf("plots: Heat: scale is %v, want a positive number or 0", scale)
	}
	most := 0.
	for i, v := range values {
		if v-v != 0 {
			return nil, 0, fmt.Errorf("plots: Heat: value %d is %v", i, v)
		}
		most = max(most, math.Abs(v))
	}
	if scale == 0 {
		scale = most
	}
	colors := diverging().Colors()
	middle := len(colors) / 2
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i, v := range values {
		k := middle
		if scale > 0 {
			k += int(math.Round(max(-1, min(1, v/scale)) * float64(middle)))
		}
		img.Set(i%width, i/width, colors[k])
	}
	return img, scale, nil
}

// Sizes of the colour bar below images, in points.
const (
	heatBarHeight = 8
	heatBarWidth  = 160
	heatBarRoom   = 30 // with its labels
)

// Heats returns images in a grid, as [Images] does, with the colour bar of [Heat] below them,
// whose ends have the labels low and high: "−0.5" and "0.5", or "−±" and "+±" if each image has
// a scale of its own, ± in its caption.
func Heats(title string, tiles []Tile, columns int, low, high string) (*Figure, error) {
	f, err := images(title, tiles, columns)
	if err != nil {
		return nil, fmt.Errorf("plots: Heats: %s: %w", title, err)
	}
	above, wide := f.paint, f.width
	f.height += heatBarRoom
	f.width = max(f.width, heatBarWidth+2*tileSide)
	side := (f.width - wide) / 2
	f.paint = func(c draw.Canvas) {
		above(draw.Crop(c, side, -side, heatBarRoom, 0))
		heatBar(c, low, high)
	}
	return f, nil
}

// heatBar paints the colour bar at the foot of a canvas.
func heatBar(c draw.Canvas, low, high string) {
	colors := diverging().Colors()
	img := image.NewNRGBA(image.Rect(0, 0, len(colors), 1))
	for i, e := range colors {
		img.Set(i, 0, e)
	}
	left, top := c.Center().X-heatBarWidth/2, c.Min.Y+heatBarRoom-tileGap
	c.DrawImage(vg.Rectangle{Min: vg.Point{X: left, Y: top - heatBarHeight}, Max: vg.Point{X: left + heatBarWidth, Y: top}}, img)
	style := plot.New().Title.TextStyle
	style.XAlign, style.YAlign, style.Font.Size = draw.XCenter, draw.YTop, tileFont
	for i, label := range []string{low, "0", high} {
		c.FillText(style, vg.Point{X: left + vg.Length(i)*heatBarWidth/2, Y: top - heatBarHeight - 2}, label)
	}
}
