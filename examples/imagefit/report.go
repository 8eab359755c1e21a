package main

import (
	"fmt"

	"github.com/ditac-go/ditac/examples/internal/figure"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/examples/internal/task/photo"
)

// saveFits draws the photograph and each activation's fit of median score.
func saveFits(path string, t *photo.Task, res *sweep.Results) error {
	photos := []figure.Photo{{Title: "photograph", Image: t.Photograph()}}
	if t.Hold > 0 {
		photos = append(photos, figure.Photo{Title: "what training sees", Image: t.Seen(res.Grid.Seeds[0])})
	}
	begin := len(photos)
	for _, a := range res.Grid.Activations {
		if o := res.Typical(a); o != nil {
			photos = append(photos, figure.Photo{Title: fmt.Sprintf("%s: %s", a, decibels(t, o)), Image: t.Picture(o)})
		}
	}
	if len(photos) == begin {
		return sweep.ErrNothing
	}
	return figure.SavePhotos(path, photos)
}

// decibels says how near a fit is: on held-out pixels, if there are such, and on those of
// the training.
func decibels(t *photo.Task, o *sweep.Outcome) string {
	if t.Hold == 0 {
		return fmt.Sprintf("%.1f dB", o.Scores[0])
	}
	return fmt.Sprintf("%.1f dB held out, %.1f fit", o.Scores[0], o.Scores[1])
}
