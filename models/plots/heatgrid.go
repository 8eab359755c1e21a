package plots

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// HeatRow are heat tiles of one kind, such as what one network's inputs contribute.
type HeatRow struct {
	Name  string
	Tiles []HeatTile
}

// HeatTile are numbers of either sign for the pixels of an image, row by row, to be drawn
// below it.
type HeatTile struct {
	Values []float64
	// Caption and Marked are those of a Tile.
	Caption string
	Marked  bool
}

// heatNames is the room for the names of the rows, in points.
const heatNames = 44

// HeatGrid returns images in a row and, below each, its tile of each row: red above 0, blue
// below, all with the scale of the bar at the right, which is the greatest absolute value.
func HeatGrid(title string, images []Tile, rows []HeatRow) (*Figure, error) {
	if len(images) == 0 || len(rows) == 0 {
		return nil, fmt.Errorf("plots: HeatGrid: %s: %d images and %d rows, want at least one", title, len(images), len(rows))
	}
	scale, err := heatScale(title, images, rows)
	if err != nil {
		return nil, err
	}
	grid := [][]Tile{images}
	for _, r := range rows {
		tiles := make([]Tile, len(images))
		for i, t := range r.Tiles {
			size := images[i].Image.Bounds().Size()
			img, _, err := Heat(t.Values, size.Y, size.X, scale)
			if err != nil {
				return nil, fmt.Errorf("plots: HeatGrid: %s: %s, image %d: %w", title, r.Name, i, err)
			}
			tiles[i] = Tile{Image: img, Caption: t.Caption, Marked: t.Marked}
		}
		grid = append(grid, tiles)
	}
	const row = tileSide + tileCaption + tileGap
	width := heatNames + vg.Length(len(images))*(tileSide+tileGap) + barGap + barWidth + barLabels
	height := vg.Length(len(grid))*row + tileGap + tileTitle
	return &Figure{title: title, width: width, height: height, paint: func(c draw.Canvas) {
		p := plot.New()
		style := p.Title.TextStyle
		style.XAlign, style.YAlign = draw.XCenter, draw.YTop
		c.FillText(style, vg.Point{X: c.Center().X, Y: c.Max.Y - tileGap}, title)
		style.Font.Size = tileFont
		name := style
		name.XAlign, name.YAlign = draw.XLeft, draw.YCenter
		first := c.Max.Y - tileTitle - tileGap
		for k, tiles := range grid {
			top := first - vg.Length(k)*row
			if k > 0 {
				c.FillText(name, vg.Point{X: c.Min.X + tileGap, Y: top - tileSide/2}, rows[k-1].Name)
			}
			for i, t := range tiles {
				t.draw(c, c.Min.X+heatNames+vg.Length(i)*(tileSide+tileGap), top, style)
			}
		}
		bar := c // beside the heat tiles
		bar.Max.X = c.Min.X + heatNames + vg.Length(len(images))*(tileSide+tileGap) - tileGap
		bar.Max.Y = first - row
		bar.Min.Y = first - vg.Length(len(grid))*row + tileGap + tileCaption
		p.Y.Tick.Label.Font.Size = tileFont
		colorBar{lo: -scale, hi: scale, colors: diverging().Colors()}.Plot(bar, p)
	}}, nil
}

// heatScale returns the greatest absolute value, 1 if all are 0, or reports what does not fit.
func heatScale(title string, images []Tile, rows []HeatRow) (float64, error) {
	for i, t := range images {
		if t.Image == nil || t.Image.Bounds().Empty() {
			return 0, fmt.Errorf("plots: HeatGrid: %s: image %d is empty", title, i)
		}
	}
	most := 0.
	for _, r := range rows {
		if len(r.Tiles) != len(images) {
			return 0, fmt.Errorf("plots: HeatGrid: %s: row %q has %d tiles for %d images", title, r.Name, len(r.Tiles), len(images))
		}
		for i, t := range r.Tiles {
			for k, v := range t.Values {
				if v-v != 0 {
					return 0, fmt.Errorf("plots: HeatGrid: %s: %s, image %d: value %d is %v", title, r.Name, i, k, v)
				}
				most = max(most, math.Abs(v))
			}
		}
	}
	if most == 0 {
		most = 1
	}
	return most, nil
}
