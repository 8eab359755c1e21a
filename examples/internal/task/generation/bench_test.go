package generation

import (
	"testing"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/models/data"
	_ "github.com/ditac-go/ditac/models/openblas"
)

// BenchmarkStep is a step of both networks at the default sizes.
func BenchmarkStep(b *testing.B) {
	for _, activation := range []string{"relu", "gelu", "ditac"} {
		b.Run(activation, func(b *testing.B) {
			s, err := (&cli.DiTAC{}).Setting(activation, 1)
			if err != nil {
				b.Fatal(err)
			}
			t := New()
			set := &data.Set{X: make([]float32, t.Batch*t.Size*t.Size), Y: make([]float32, t.Batch), XShape: []int{1, t.Size, t.Size}, Classes: []string{"black"}}
			g, err := newGAN(config{
				Latent: t.Latent, Size: t.Size, Channels: 1, Width: t.Width, Batch: t.Batch,
				Generator: s.Maker, Discriminator: s.Maker, Rate: 0.001, GeneratorRate: 0.001, DiscriminatorRate: 0.001,
			}, set, 1<<30)
			if err != nil {
				b.Fatal(err)
			}
			defer g.close()
			for b.Loop() {
				if err := g.next(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
