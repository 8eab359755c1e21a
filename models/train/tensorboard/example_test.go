package tensorboard_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/ditac-go/ditac/models/train/tensorboard"
)

// The example writes a curve of its own. Give tensorboard.Log to train.Config.Observers for
// those of a training.
func ExampleNewWriter() {
	dir, err := os.MkdirTemp("", "tensorboard")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	w, err := tensorboard.NewWriter(dir)
	if err != nil {
		log.Fatal(err)
	}
	for step := range 10 {
		if err := w.Scalar("half", step, float64(step)/2); err != nil {
			log.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "events.out.tfevents.*"))
	fmt.Println(len(files), err)
	// Output: 1 <nil>
}
