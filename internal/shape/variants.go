package shape

import (
	"fmt"

	"github.com/ditac-go/ditac/cpab"
)

// Variant says what a curve makes of the transformation T of the domain [a,b]: y = φ·w,
// with the gate w of the section that x lies in.
type Variant struct {
	Name string

	// Whole: T acts on the whole line, by the end cells beyond the domain. Then Inside is
	// all there is. Otherwise φ = x below and above the domain.
	Whole                bool
	Below, Inside, Above Gate

	// Amplified: the displacement T(x) − x is multiplied by the curve's amplification α,
	// so that φ = x + α·(T(x) − x) where T acts: for α > 1 not monotone in general.
	Amplified bool

	// FromZero: the domain has to start at 0.
	FromZero bool
	// Domain and Boundary are the defaults.
	Domain   [2]float64
	Boundary cpab.Boundary
}

// Variants are all of them, in the order of the constants of package curve, which say
// what each is.
var Variants = [...]Variant{
	{Name: "ditac", Below: Normal, Inside: Normal, Above: Normal, Domain: authors},
	{Name: "leaky", Below: Side, Inside: Side, Above: Side, Domain: authors},
	{Name: "ge", Below: Normal, Inside: One, Above: One, FromZero: true, Domain: [2]float64{0, 3}},
	{Name: "infinite", Whole: true, Inside: Normal, Domain: authors, Boundary: cpab.FreeBoundary},
	{Name: "plain", Below: One, Inside: One, Above: One, Domain: authors},
	{Name: "amplified", Amplified: true, Below: Normal, Inside: Normal, Above: Normal, Domain: authors},
}

// authors is the domain of the paper's code.
var authors = [2]float64{-3, 3}

// Names returns the names of all variants.
func Names() []string {
	names := make([]string, len(Variants))
	for i := range Variants {
		names[i] = Variants[i].Name
	}
	return names
}

// Index returns the place of the variant with a name.
func Index(name string) (int, error) {
	for i := range Variants {
		if Variants[i].Name == name {
			return i, nil
		}
	}
	return 0, fmt.Errorf("variant %q, want one of %v", name, Names())
}

// UsesSlope reports whether the negative slope has a say.
func (v *Variant) UsesSlope() bool {
	return v.Inside == Side || !v.Whole && (v.Below == Side || v.Above == Side)
}
