package plots

import (
	"fmt"
	"image"
	"math"
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
