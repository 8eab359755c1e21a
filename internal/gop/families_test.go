package gop_test

import (
	"fmt"
	"testing"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/models"
	"github.com/stretchr/testify/require"
	_ "go4.org/unsafe/assume-no-moving-gc" // lets Gorgonia start
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// variants calls found with the ops of all families of the module, in all their
// variants, and a name for each. A new family has to be here, with two values of each of
// its parameters.
func variants(t *testing.T, found func(name string, y *gorgonia.Node)) {
	t.Helper()
	input := func(dt tensor.Dtype, shape ...int) *gorgonia.Node {
		return gorgonia.NewTensor(gorgonia.NewGraph(), dt, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName("x"))
	}
	must := func(y *gorgonia.Node, err error) *gorgonia.Node {
		t.Helper()
		require.NoError(t, err)
		return y
	}

	x := input(tensor.Float32, 4, 2)
	net, err := models.NewMLP(x.Graph(), models.MLPConfig{Sizes: []int{2, 1}})
	require.NoError(t, err)
	found("linear", must(net.Forward(x)))

	for name, loss := range map[string]func(x, y *gorgonia.Node) (*gorgonia.Node, error){"cross-entropy": models.CrossEntropy, "Dice": models.Dice} {
		for _, shape := range []tensor.Shape{{4, 3}, {2, 3, 4, 4}} {
			x := input(tensor.Float32, shape...)
			labels := append([]int{shape[0]}, shape[2:]...)
			y := gorgonia.NewTensor(x.Graph(), tensor.Float32, len(labels), gorgonia.WithShape(labels...), gorgonia.WithName("y"))
			found(fmt.Sprintf("%s, rank %d", name, len(shape)), must(loss(x, y)))
		}
	}
	for _, shape := range []tensor.Shape{{3}, {4, 3}} {
		x := input(tensor.Float32, shape...)
		y := gorgonia.NewTensor(x.Graph(), tensor.Float32, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName("y"))
		found(fmt.Sprintf("binary cross-entropy, rank %d", len(shape)), must(models.BinaryCrossEntropy(x, y)))
		found(fmt.Sprintf("MSE, rank %d", len(shape)), must(models.MSE(x, y)))
	}
	layerVariants(t, found)

	for _, name := range models.Baselines() {
		for _, shape := range []tensor.Shape{{3}, {4, 3}, {2, 3, 4, 4}} {
			x := input(tensor.Float32, shape...)
			maker, err := models.Baseline(name)
			require.NoError(t, err)
			axis := min(1, len(shape)-1)
			a, err := maker(models.Place{Graph: x.Graph(), Dtype: tensor.Float32, Name: "a", Channels: shape[axis], Axis: axis})
			require.NoError(t, err)
			found(fmt.Sprintf("%s, rank %d", name, len(shape)), must(a.Apply(x)))
		}
	}

	ditac := func(name string, dt tensor.Dtype, shape tensor.Shape, opts ...ditacop.Option) {
		t.Helper()
		x := input(dt, shape...)
		found("ditac, "+name, must(ditacop.DiTAC(x, append([]ditacop.Option{ditacop.WithCells(6)}, opts...)...)))
	}
	matrix := tensor.Shape{4, 6}
	for _, shape := range []tensor.Shape{{3}, {4, 6}, {2, 3, 4, 4}} {
		ditac(fmt.Sprintf("rank %d", len(shape)), tensor.Float32, shape)
	}
	ditac("float64", tensor.Float64, matrix)
	domain, free := ditacop.WithDomain(-2, 2), ditacop.WithBoundary(cpab.FreeBoundary)
	for name, opts := range map[string][]ditacop.Option{
		"Leaky":        {ditacop.WithVariant(ditacop.VariantLeaky)},
		"Infinite":     {ditacop.WithVariant(ditacop.VariantInfinite)},
		"Plain":        {ditacop.WithVariant(ditacop.VariantPlain)},
		"GE":           {ditacop.WithVariant(ditacop.VariantGE)},
		"Amplified":    {ditacop.WithVariant(ditacop.VariantAmplified)},
		"its α":        {ditacop.WithVariant(ditacop.VariantAmplified), ditacop.WithLearnedAmplification(2)},
		"fixed α":      {ditacop.WithVariant(ditacop.VariantAmplified), ditacop.WithAmplification(2)},
		"α = 4":        {ditacop.WithVariant(ditacop.VariantAmplified), ditacop.WithAmplification(4)},
		"slope":        {ditacop.WithNegativeSlope(0.2)},
		"cells":        {ditacop.WithCells(7)},
		"domain":       {domain},
		"its start":    {ditacop.WithDomain(-1.5, 2)},
		"its end":      {ditacop.WithDomain(-2, 2.5)},
		"boundary":     {domain, free},
		"QR":           {ditacop.WithBasis(cpab.BasisQR)},
		"SVD":          {ditacop.WithBasis(cpab.BasisSVD)},
		"RREF":         {ditacop.WithBasis(cpab.BasisRREF)},
		"sparse":       {ditacop.WithBasis(cpab.BasisSparse)},
		"nodal":        {ditacop.WithBasis(cpab.BasisNodal)},
		"own basis":    {ditacop.WithCells(2), ditacop.WithBasisMatrix([]float64{2, 0, -2, 2})},
		"scaled":       {ditacop.WithCells(2), ditacop.WithBasisMatrix([]float64{4, 0, -4, 4})},
		"two cells":    {ditacop.WithCells(2)},
		"groups":       {ditacop.WithGroups(1, 2)},
		"more groups":  {ditacop.WithGroups(1, 3)},
		"another axis": {ditacop.WithGroups(0, 2)},
		"per channel":  {ditacop.WithPerChannel(1)},
		"one group":    {ditacop.WithGroups(1, 1)},
		"tolerance":    {ditacop.WithTolerance(1e-5)},
	} {
		ditac(name, tensor.Float32, matrix, opts...)
	}

	penalty := func(name string, dt tensor.Dtype, opts ...ditacop.Option) {
		t.Helper()
		a, err := ditacop.New(gorgonia.NewGraph(), dt, append([]ditacop.Option{ditacop.WithCells(6)}, opts...)...)
		require.NoError(t, err)
		found("penalty, "+name, must(a.Penalty()))
	}
	penalty("default", tensor.Float32)
	penalty("float64", tensor.Float64)
	for name, opts := range map[string][]ditacop.Option{
		"prior":        {ditacop.WithPenalty(0.5, 4, 2)},
		"lambda":       {ditacop.WithPenalty(0.25, 4, 2)},
		"length scale": {ditacop.WithPenalty(0.5, 3, 2)},
		"scale":        {ditacop.WithPenalty(0.5, 4, 1)},
		"cells":        {ditacop.WithPenalty(0.5, 4, 2), ditacop.WithCells(7)},
		"groups":       {ditacop.WithPenalty(0.5, 4, 2), ditacop.WithGroups(1, 2)},
	} {
		penalty(name, tensor.Float32, opts...)
	}
}

// TestHashes: ops that differ, and their gradients, hash differently, in all families.
// Gorgonia would merge nodes of ops that do not.
func TestHashes(t *testing.T) {
	seen, kinds := map[uint32]string{}, map[string]bool{}
	var add func(name string, o *gop.Op)
	add = func(name string, o *gop.Op) {
		h := o.Hashcode()
		require.NotContains(t, seen, h, "%s and %s hash alike", name, seen[h])
		seen[h] = name
		kinds[o.Kind] = true
		for i, d := range o.Grads {
			if d.Op != nil {
				add(fmt.Sprintf("gradient %d of %s", i, name), d.Op)
			}
		}
	}
	variants(t, func(name string, y *gorgonia.Node) {
		o := gop.Of(y.Op())
		require.NotNil(t, o, "%s is computed by a %T", name, y.Op())
		require.Equal(t, o.Hashcode(), y.Op().Hashcode(), name)
		add(name, o)
	})
	require.Len(t, kinds, 24+layerKinds, "kinds of ops: %v", kinds)
}
