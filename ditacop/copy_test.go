package ditacop

import (
	"testing"

	"github.com/ditac-go/ditac/cpab"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// TestCopyLearnables: a network goes to a graph for another batch size in one call.
func TestCopyLearnables(t *testing.T) {
	for _, dt := range bothDtypes {
		for name, opts := range map[string][]Option{"defaults": nil, "odd": odd(), "custom": custom()} {
			t.Run(dt.String()+name, func(t *testing.T) {
				from := newProgram(t, dt, 32, 0, opts...)
				_, err := from.train(10)
				require.NoError(t, err)
				was := from.values(t)
				to := newProgram(t, dt, 6, 1, opts...)
				require.NoError(t, CopyLearnables(to.g, from.learnables))
				require.Equal(t, was, to.values(t))

				// The copies are no longer those of the source.
				_, err = to.train(3)
				require.NoError(t, err)
				require.NotEqual(t, was, to.values(t))
				require.Equal(t, was, from.values(t))

				// After a machine was made and ran, values still arrive.
				require.NoError(t, CopyLearnables(to.g, from.learnables))
				got, err := to.run(1)
				require.NoError(t, err)
				fresh := newProgram(t, dt, 6, 2, opts...)
				require.NoError(t, CopyLearnables(fresh.g, from.learnables))
				want, err := fresh.train(1)
				require.NoError(t, err)
				requireSameBits(t, want, got, "loss")
			})
		}
	}
}

// TestCopyRefuses: what does not fit is an error that says what, and nothing changes.
func TestCopyRefuses(t *testing.T) {
	base := []Option{WithCells(6), WithBasis(cpab.BasisQR), WithInit(PriorSample(1, 3, 1))}
	from := newProgram(t, tensor.Float64, 8, 0, base...)
	for name, c := range map[string]struct {
		to   *program
		want string
	}{
		"basis":   {newProgram(t, tensor.Float64, 4, 1, WithCells(6), WithBasis(cpab.BasisNodal)), "basis is qr in its own graph, nodal in the graph"},
		"variant": {newProgram(t, tensor.Float64, 4, 1, append(base, WithVariant(VariantLeaky))...), "variant is ditac"},
		"cells":   {newProgram(t, tensor.Float64, 4, 1, append(base, WithCells(5))...), "shape is (5)"},
		"dtype":   {newProgram(t, tensor.Float32, 4, 1, base...), "dtype is F64"},
		"name":    {newProgram(t, tensor.Float64, 4, 1, append(base, WithName("mine"))...), `no variable "ditac1.theta"`},
	} {
		t.Run(name, func(t *testing.T) {
			was := c.to.values(t)
			err := CopyLearnables(c.to.g, from.learnables)
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, "CopyLearnables")
			require.Equal(t, was, c.to.values(t))
		})
	}
	require.ErrorContains(t, CopyLearnables(nil, from.learnables), "dst is nil")
	twins := newProgram(t, tensor.Float64, 4, 1, base...)
	gorgonia.NewVector(twins.g, tensor.Float64, gorgonia.WithShape(3), gorgonia.WithName("w1"))
	require.ErrorContains(t, CopyLearnables(twins.g, from.learnables), `2 variables "w1"`)
	unapplied := gorgonia.NewGraph()
	_, err := New(unapplied, tensor.Float64, append(base, WithName("ditac1"))...)
	require.NoError(t, err)
	require.ErrorContains(t, CopyLearnables(unapplied, from.learnables[3:]), "in dst")
}
