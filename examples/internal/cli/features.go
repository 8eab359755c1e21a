package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/models"
)

// FeaturesHelp says how names of activations choose frequencies, for the help of programs
// whose networks see coordinates.
const FeaturesHelp = `Names can choose frequencies: sine3 is the sine with ω = 3 in all layers (sine alone
has SIREN's 30), relu+fourier3 is ReLU in a network that sees three octaves of sines
and cosines beside the coordinates, and relu+chebyshev8 ReLU behind a first layer of
trained polynomials of degree 8.
`

// Bounds of the numbers in names.
const (
	maxOctaves   = 16
	maxChebyshev = 256
)

// features are what a name says beside the activation.
type features struct{ octaves, chebyshev int }

// cutFeatures divides a name such as relu+fourier3.
func cutFeatures(name string) (activation string, f features, err error) {
	activation, word, ok := strings.Cut(name, "+")
	if !ok {
		return name, f, nil
	}
	for _, kind := range []struct {
		name string
		most int
		n    *int
	}{{"fourier", maxOctaves, &f.octaves}, {"chebyshev", maxChebyshev, &f.chebyshev}} {
		if digits, ok := strings.CutPrefix(word, kind.name); ok {
			n, err := strconv.Atoi(digits)
			if err != nil || n < 1 || n > kind.most {
				return "", f, fmt.Errorf("%q: want +%s and a number from 1 to %d", name, kind.name, kind.most)
			}
			*kind.n = n
			return activation, f, nil
		}
	}
	return "", f, fmt.Errorf("%q: %q, want fourier or chebyshev and a number, such as relu+fourier3", name, word)
}

// sineOf returns the factor of a name such as sine3.
func sineOf(name string) (omega float64, ok bool) {
	digits, ok := strings.CutPrefix(name, "sine")
	n, err := strconv.Atoi(digits)
	return float64(n), ok && err == nil && n >= 1 && n <= 1000
}

// Theta returns the parameters of the first activation of a network if that is a DiTAC of
// one θ, else nil.
func Theta(n models.Network) []float32 {
	activations := n.Activations()
	if len(activations) == 0 {
		return nil
	}
	a, ok := activations[0].(*ditacop.Activation)
	if !ok {
		return nil
	}
	theta, err := a.ThetaValues(0)
	if err != nil {
		return nil
	}
	var out []float32
	for _, x := range theta {
		out = append(out, float32(x))
	}
	return out
}
