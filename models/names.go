package models

import (
	"fmt"
	"strings"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/ditacop"
)

// ditacNames are the named DiTAC activations, with the defaults of package ditacop but
// for what their names say, in the order of Names.
var ditacNames = []struct {
	name string
	opts []ditacop.Option
}{
	{"ditac", nil},
	{"ditac-leaky", []ditacop.Option{ditacop.WithVariant(ditacop.VariantLeaky)}},
	{"ditac-ge", []ditacop.Option{ditacop.WithVariant(ditacop.VariantGE)}},
	{"ditac-infinite", []ditacop.Option{ditacop.WithVariant(ditacop.VariantInfinite)}},
	{"ditac-plain", []ditacop.Option{ditacop.WithVariant(ditacop.VariantPlain)}},
	{"amplified", []ditacop.Option{ditacop.WithVariant(ditacop.VariantAmplified)}},
	{"amplified4", []ditacop.Option{ditacop.WithVariant(ditacop.VariantAmplified), ditacop.WithAmplification(4)}},
	{"amplified16", []ditacop.Option{ditacop.WithVariant(ditacop.VariantAmplified), ditacop.WithAmplification(16), ditacop.WithBasis(cpab.BasisBump)}},
}

// ByName returns the Maker of the activation with the given name: one that [Baseline]
// knows, or a DiTAC activation with one θ for a layer and the defaults of package
// ditacop but for what is said here:
//
//	ditac           ditacop.VariantDiTAC: as [DiTAC] without options
//	ditac-leaky     ditacop.VariantLeaky
//	ditac-ge        ditacop.VariantGE
//	ditac-infinite  ditacop.VariantInfinite
//	ditac-plain     ditacop.VariantPlain
//	amplified       ditacop.VariantAmplified, α learned from 1
//	amplified4      ditacop.VariantAmplified, α = 4
//	amplified16     ditacop.VariantAmplified, α = 16, with the basis [cpab.BasisBump]
//
// An unknown name is an error that lists the names.
func ByName(name string) (Maker, error) {
	for _, d := range ditacNames {
		if d.name == name {
			return DiTAC(d.opts...), nil
		}
	}
	if m := baselineMaker(name); m != nil {
		return m, nil
	}
	return nil, fmt.Errorf("models: ByName: unknown activation %q, want one of %s", name, strings.Join(Names(), ", "))
}

// Names returns the names that ByName knows: the Baselines, then the DiTAC activations.
func Names() []string {
	names := Baselines()
	for _, d := range ditacNames {
		names = append(names, d.name)
	}
	return names
}
