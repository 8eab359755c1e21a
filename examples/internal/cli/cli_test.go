package cli

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/models"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

func TestParseSeeds(t *testing.T) {
	for list, want := range map[string][]uint64{
		"3":                    {3},
		"1-3":                  {1, 2, 3},
		"1, 7-8 ,2":            {1, 7, 8, 2},
		"2,1-3,2":              {2, 1, 3},
		"18446744073709551615": {math.MaxUint64},
		"18446744073709551614-18446744073709551615": {math.MaxUint64 - 1, math.MaxUint64},
	} {
		got, err := ParseSeeds(list)
		require.NoError(t, err, list)
		require.Equal(t, want, got, list)
	}
	for _, list := range []string{"", "a", "3-1", "1-", "-2", "1,,2", "1-99999999", "0-18446744073709551615"} {
		_, err := ParseSeeds(list)
		require.ErrorContains(t, err, list, "%q", list)
	}
	_, err := ParseSeeds("5-2")
	require.ErrorContains(t, err, `"5-2" ends before it begins`)
}

func TestParseRates(t *testing.T) {
	got, err := ParseRates("0.005, 1e-3,0.005")
	require.NoError(t, err)
	require.Equal(t, []float64{0.005, 0.001}, got)
	for _, list := range []string{"", "0", "-1", "inf", "NaN", "x", "0.1,,0.2"} {
		_, err := ParseRates(list)
		require.ErrorContains(t, err, "rates", list)
	}
}

// TestGrid reads the flags of a grid, and makes its folder before anything else.
func TestGrid(t *testing.T) {
	parse := func(args ...string) (*Grid, error) {
		g := &Grid{Steps: 10, Out: "out"}
		f := flag.NewFlagSet("test", flag.ContinueOnError)
		g.Register(f, []string{"relu", "ditac"}, "all", "0.1", "1-2")
		require.NoError(t, f.Parse(args))
		return g, g.Parse(f.Args())
	}
	g, err := parse("-activations", "ditac,ditac", "-lr", "1,2", "-seeds", "7")
	require.NoError(t, err)
	require.Equal(t, []string{"ditac"}, g.Activations)
	require.Equal(t, []float64{1, 2}, g.Rates)
	require.Equal(t, []uint64{7}, g.Seeds)
	require.Equal(t, 2, g.Runs())
	g, err = parse("-quick", "-lr", "1,2,3", "-steps", "29", "-seeds", "4-5")
	require.NoError(t, err)
	require.Equal(t, []float64{2}, g.Rates)
	require.Equal(t, []uint64{4}, g.Seeds)
	require.Equal(t, 2, g.Steps)
	require.Equal(t, "out-quick", g.Out)
	g, err = parse()
	require.NoError(t, err)
	require.Equal(t, []string{"relu", "ditac"}, g.Activations)
	for want, args := range map[string][]string{
		"-activations: unknown activation \"x\"": {"-activations", "x"},
		"-lr":                                    {"-lr", "inf"},
		"-seeds":                                 {"-seeds", "2-1"},
		"-steps: 9223372036854775807":            {"-steps", "9223372036854775807"},
		"-steps: 0":                              {"-steps", "0"},
		"-workers: 0":                            {"-workers", "0"},
		"-out":                                   {"-out", ""},
		"-budget: -1m0s":                         {"-budget", "-1m"},
		"-shard: \"3/2\"":                        {"-shard", "3/2"},
		"-shard: \"0/2\"":                        {"-shard", "0/2"},
		"-shard: \"2\"":                          {"-shard", "2"},
		"-shard: \"1/x\"":                        {"-shard", "1/x"},
		"-merge: reports all":                    {"-shard", "1/2", "-merge"},
		"-merge: makes no run":                   {"-fresh", "-merge"},
		"unexpected argument \"folder\"":         {"folder"},
	} {
		_, err := parse(args...)
		require.ErrorContains(t, err, want)
	}
	folder := t.TempDir()
	g.Out = filepath.Join(folder, "a", "b")
	require.NoError(t, g.MakeOut())
	files, err := os.ReadDir(g.Out)
	require.NoError(t, err)
	require.Empty(t, files)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "file"), nil, 0o600))
	g.Out = filepath.Join(folder, "file", "b")
	require.ErrorContains(t, g.MakeOut(), fmt.Sprintf("-out %q", g.Out))
}

func TestWriteCSV(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.csv")
	require.NoError(t, WriteCSV(path, [][]string{{"a", "b"}, {"1", "2,3"}}))
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "a,b\n1,\"2,3\"\n", string(got))
	require.Error(t, WriteCSV(filepath.Join(path, "y.csv"), nil))
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

// TestOptions: what the flags leave out is left to the package's defaults.
func TestOptions(t *testing.T) {
	act := func(args ...string) *ditacop.Activation {
		var d DiTAC
		f := flag.NewFlagSet("test", flag.ContinueOnError)
		d.Register(f)
		require.NoError(t, f.Parse(args))
		opts, err := d.Options(1)
		require.NoError(t, err)
		a, err := ditacop.New(gorgonia.NewGraph(), tensor.Float64, opts...)
		require.NoError(t, err)
		return a
	}
	plain, err := ditacop.New(gorgonia.NewGraph(), tensor.Float64)
	require.NoError(t, err)
	require.Equal(t, plain.String(), act().String())
	a := act("-cells", "7", "-variant", "ge", "-basis", "qr", "-domain=-9,2", "-init", "prior", "-lambda", "0.5")
	require.Equal(t, "ge(7 cells on [0,2], zero boundary, qr basis)", a.String())
	require.Equal(t, 0.5, a.Lambda())
	theta, err := a.ThetaValues(0)
	require.NoError(t, err)
	require.NotZero(t, theta[0])
}

func TestDiTACErrors(t *testing.T) {
	for want, d := range map[string]DiTAC{
		`-variant: curve: variant "relu"`: {Variant: "relu"},
		`-basis: cpab: basis "fourier"`:   {Basis: "fourier"},
		`-init: "zero"`:                   {Init: "zero"},
		`-domain: "1"`:                    {Domain: "1"},
		`-domain: "1,b"`:                  {Domain: "1,b"},
	} {
		_, err := d.Options(1)
		require.ErrorContains(t, err, want)
	}
}

// TestSettings makes every activation.
func TestSettings(t *testing.T) {
	var d DiTAC
	require.NoError(t, d.Try(Activations()))
	names := map[string]bool{}
	for _, name := range Activations() {
		a, err := d.make(name, 1)
		require.NoError(t, err)
		names[fmt.Sprint(a)] = true
	}
	require.Len(t, names, len(Activations()))
	s, err := d.Setting(Tuned, 1)
	require.NoError(t, err)
	require.Equal(t, 0.02*0.25, s.Rate(0.02))
	require.False(t, s.Penalty)
	d.ThetaLR, d.Lambda = 0.1, 0.5
	s, err = d.Setting(Tuned, 1)
	require.NoError(t, err)
	require.Equal(t, 0.1, s.Rate(0.02))
	require.True(t, s.Penalty)
	d.ThetaLR = math.NaN()
	require.ErrorContains(t, d.Try(nil), "-theta-lr: NaN")
	d.ThetaLR, d.Cells = 0, -1
	require.ErrorContains(t, d.Try([]string{"relu", "ditac"}), "cells = -1")
}

// TestPerChannel: each unit has a θ of its own.
func TestPerChannel(t *testing.T) {
	d := DiTAC{PerChannel: true}
	s, err := d.Setting(Plain, 1)
	require.NoError(t, err)
	a, err := s.Maker(models.Place{Graph: gorgonia.NewGraph(), Dtype: tensor.Float32, Name: "activation", Channels: 7, Axis: 1})
	require.NoError(t, err)
	require.Equal(t, 7*(ditacop.DefaultCells-1), a.Learnables()[0].Shape().TotalSize())
}

// TestLearned: the curve of θ is that of an activation that has learned θ.
func TestLearned(t *testing.T) {
	var d DiTAC
	space := func() int {
		a, err := d.make(Tuned, 1)
		require.NoError(t, err)
		return a.(*ditacop.Activation).Space().Dim()
	}()
	theta := make([]float32, space)
	theta[3], theta[9] = 0.25, -0.5
	got, err := d.Learned(Tuned, 1, theta)
	require.NoError(t, err)
	exact := make([]float64, space)
	exact[3], exact[9] = 0.25, -0.5
	want, err := ditacop.New(gorgonia.NewGraph(), tensor.Float32, ditacop.WithCells(30), ditacop.WithDomain(-2, 2),
		ditacop.WithBasis(cpab.BasisNodal), ditacop.WithInit(ditacop.FromTheta(exact)))
	require.NoError(t, err)
	y, _, err := want.Eval(0, []float64{-1.3, 0.4})
	require.NoError(t, err)
	require.Equal(t, y, []float64{got.Value(-1.3), got.Value(0.4)})
	_, err = d.Learned(Tuned, 1, theta[1:])
	require.ErrorContains(t, err, "28 parameters, want 29")
	_, err = d.Learned("relu", 1, nil)
	require.ErrorContains(t, err, "relu is no DiTAC")
}

// TestParse tells help, errors and a good command line apart.
func TestParse(t *testing.T) {
	for _, c := range []struct {
		args   []string
		check  error
		status int
		ok     bool
		want   string
	}{
		{[]string{"-x", "1"}, nil, 0, true, ""},
		{[]string{"-h"}, nil, 0, false, "usage text"},
		{[]string{"-y"}, nil, 2, false, "prog: flag provided but not defined: -y\nTry -h"},
		{[]string{"-x", "one"}, nil, 2, false, "prog: invalid value \"one\" for flag -x"},
		{[]string{"-x", "1", "extra"}, errors.New("extra"), 2, false, "extra"},
		{nil, errors.New("bad"), 2, false, "prog: bad"},
	} {
		f := flag.NewFlagSet("prog", flag.ContinueOnError)
		f.Int("x", 0, "a number")
		var messages bytes.Buffer
		status, ok := Parse(f, "usage text\n", c.args, &messages, func(rest []string) error { return c.check })
		require.Equal(t, c.status, status)
		require.Equal(t, c.ok, ok)
		require.Contains(t, messages.String(), c.want)
		require.Equal(t, c.want == "usage text", strings.Contains(messages.String(), "a number"), "the flags are listed for -h alone")
	}
	require.NoError(t, Range("a", 1, 1, 2))
	require.EqualError(t, Range("b", 3, 1, 2), "-b: 3, want 1 to 2")
}

func TestProgress(t *testing.T) {
	p := NewProgress(3, "work", false)
	p.Add(2)
	p.Close()
}

// TestQuickest does not count the first call, and takes the least of the others.
func TestQuickest(t *testing.T) {
	sleeps := []time.Duration{0, 30, 2, 20}
	call := 0
	seconds, err := Quickest(func() error {
		time.Sleep(sleeps[call] * time.Millisecond)
		call++
		return nil
	})
	require.NoError(t, err)
	require.GreaterOrEqual(t, seconds, 0.002)
	require.Less(t, seconds, 0.02) // a sleep may take longer where much else runs
	_, err = Quickest(func() error { return errors.New("broken") })
	require.EqualError(t, err, "broken")
}

// TestFeatures: names choose frequencies where networks see coordinates, and nowhere else.
func TestFeatures(t *testing.T) {
	var d DiTAC
	for name, want := range map[string]Setting{
		"relu": {}, "sine3": {}, "relu+fourier3": {Octaves: 3}, "ditac+chebyshev8": {Chebyshev: 8}, "sine10+fourier16": {Octaves: 16},
	} {
		s, err := d.Setting(name, 1)
		require.NoError(t, err, name)
		require.NotNil(t, s.Maker, name)
		require.Equal(t, want.Octaves, s.Octaves, name)
		require.Equal(t, want.Chebyshev, s.Chebyshev, name)
		require.NoError(t, (&Grid{known: Activations(), Coordinates: true}).check(name), name)
		if strings.ContainsAny(name, "+3") {
			require.Error(t, (&Grid{known: Activations()}).check(name), name)
		}
	}
	for _, name := range []string{"relu+fourier", "relu+fourier17", "relu+chebyshev0", "relu+", "relu+sines2", "sine0", "sine1001", "+fourier2"} {
		require.Error(t, (&Grid{known: Activations(), Coordinates: true}).check(name), name)
	}
}
