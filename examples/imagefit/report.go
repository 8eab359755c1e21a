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
	for _, a := range res.Grid.Activations {
		if o := res.Typical(a); o != nil {
			photos = append(photos, figure.Photo{Title: fmt.Sprintf("%s: %.1f dB", a, o.Scores[0]), Image: t.Picture(o)})
		}
	}
	if len(photos) == 1 {
		return sweep.ErrNothing
	}
	return figure.SavePhotos(path, photos)
}
