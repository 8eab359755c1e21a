package cli

import (
	"flag"
	"math"
	"testing"

	"github.com/ditac-go/ditac/models"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

func TestParseSeeds(t *testing.T) {
	for list, want := range map[string][]uint64{
		"3":         {3},
		"1-3":       {1, 2, 3},
		"1, 7-8 ,2": {1, 7, 8, 2},
	} {
		got, err := ParseSeeds(list)
		require.NoError(t, err, list)
		require.Equal(t, want, got, list)
	}
	for _, list := range []string{"", "a", "3-1", "1-", "-2", "1,,2", "1-99999999", "0-18446744073709551615"} {
		_, err := ParseSeeds(list)
		require.ErrorContains(t, err, list, "%q", list)
	}
}

func TestStats(t *testing.T) {
	s := NewStats([]float64{4, 1, 3, 2})
	require.Equal(t, Stats{N: 4, Mean: 2.5, SD: math.Sqrt(5. / 3), Median: 2.5, Min: 1, Max: 4, MinAt: 1, MedianAt: 3, MaxAt: 0}, s)
	s = NewStats([]float64{5, 9, 1})
	require.Equal(t, 5.0, s.Median)
	require.Equal(t, 0, s.MedianAt)
	require.True(t, math.IsNaN(NewStats(nil).Mean))
	require.True(t, math.IsNaN(NewStats([]float64{1}).SD))
}

func settings() DiTAC {
	return DiTAC{Variant: "ditac", Cells: 5, Domain: "-2,2", Basis: "nodal", Init: "prior", PriorLengthScale: 3, PriorScale: 1, Lambda: 0.1, Tolerance: 1e-6}
}

func TestDiTACMaker(t *testing.T) {
	d := settings()
	f := flag.NewFlagSet("test", flag.ContinueOnError)
	d.Register(f)
	require.NoError(t, f.Parse([]string{"-cells", "7", "-variant", "ge"}))
	maker, err := d.Maker(1)
	require.NoError(t, err)
	a, err := maker(models.Place{Graph: gorgonia.NewGraph(), Dtype: tensor.Float64, Name: "place"})
	require.NoError(t, err)
	require.Len(t, a.Learnables(), 1)
	require.Equal(t, 6, a.Learnables()[0].Shape().TotalSize())
	require.Equal(t, "place.theta", a.Learnables()[0].Name())
	x := gorgonia.NewVector(a.Learnables()[0].Graph(), tensor.Float64, gorgonia.WithShape(3), gorgonia.WithName("x"))
	_, err = a.Apply(x)
	require.NoError(t, err)
}

func TestDiTACErrors(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*DiTAC)
		want   []string
	}{
		"variant": {func(d *DiTAC) { d.Variant = "relu" }, []string{"-variant", "relu"}},
		"basis":   {func(d *DiTAC) { d.Basis = "fourier" }, []string{"-basis", "fourier"}},
		"init":    {func(d *DiTAC) { d.Init = "zero" }, []string{"-init", "zero"}},
		"domain":  {func(d *DiTAC) { d.Domain = "1" }, []string{"-domain", `"1"`}},
		"number":  {func(d *DiTAC) { d.Domain = "1,b" }, []string{"-domain", `"1,b"`}},
	} {
		d := settings()
		c.change(&d)
		_, err := d.Maker(1)
		for _, w := range c.want {
			require.ErrorContains(t, err, w, name)
		}
	}
}

func TestProgress(t *testing.T) {
	p := NewProgress(3, "work", false)
	p.Add(2)
	p.Close()
}
