package ditacop

import "github.com/ditac-go/ditac/cpab"

// The settings of the authors' regression experiment.
const (
	authorsCells       = 10
	authorsLengthScale = 3
	authorsScale       = 2
)

// WithAuthorsSettings sets what the DiTAC authors' code has in its regression
// experiment: 10 cells (on [−3,3], the default domain too), the orthonormal basis
// [cpab.BasisQR], and a θ sampled from the prior with length scale 3 and scale 2, by the
// seed. Options after it may change single settings. Use it to compare with the paper; the
// defaults learn better, as the README's tables show.
func WithAuthorsSettings(seed uint64) Option {
	return func(s *settings) {
		for _, o := range []Option{
			WithCells(authorsCells), WithBasis(cpab.BasisQR), WithInit(PriorSample(seed, authorsLengthScale, authorsScale)),
		} {
			o(s)
		}
	}
}
