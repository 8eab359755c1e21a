package dashboard

import (
	"math"

	"github.com/ditac-go/ditac/models/train"
)

// frame is what the activations were and saw at a step.
type frame struct {
	Step   int     `json:"step"`
	Layers []layer `json:"layers"`
}

// layer is a train.Layer, as the page shows it.
type layer struct {
	Name     string    `json:"name"`
	Kind     string    `json:"kind"`
	A        number    `json:"a"` // the domain [A,B]; A = B: none
	B        number    `json:"b"`
	InDomain number    `json:"inDomain"`
	Theta    number    `json:"theta"`
	Gradient number    `json:"gradient"`
	Penalty  number    `json:"penalty"`
	From     number    `json:"from"` // the first and last of equally distant x of the curves
	To       number    `json:"to"`
	Curves   [][]short `json:"curves"`
	Channels int       `json:"channels"` // of which Curves may be the first
	Inputs   histogram `json:"inputs"`
}

// maxCurves is the most curves of a layer that are kept.
const maxCurves = 4

// histogram counts inputs in equal bins from From to To; Below and Above are outside.
type histogram struct {
	From   number `json:"from"`
	To     number `json:"to"`
	Counts []int  `json:"counts"`
	Below  int    `json:"below"`
	Above  int    `json:"above"`
	Bad    int    `json:"bad,omitempty"` // NaN
}

const bins = 48

func newFrame(step int, layers []train.Layer) *frame {
	f := &frame{Step: step}
	for _, l := range layers {
		f.Layers = append(f.Layers, newLayer(l))
	}
	return f
}

func newLayer(l train.Layer) layer {
	out := layer{
		Name: l.Name, Kind: l.Kind, A: number(l.A), B: number(l.B), InDomain: number(l.InDomain),
		Theta: number(l.Theta), Gradient: number(l.Gradient), Penalty: number(l.Penalty), Channels: len(l.Curves),
	}
	from, to := -5., 5.
	if len(l.X) > 0 {
		from, to = l.X[0], l.X[len(l.X)-1]
	}
	out.From, out.To = number(from), number(to)
	for _, c := range l.Curves[:min(maxCurves, len(l.Curves))] {
		y := make([]short, len(c))
		for i, e := range c {
			y[i] = short(e)
		}
		out.Curves = append(out.Curves, y)
	}
	out.Inputs = histogramOf(l.Inputs, from, to)
	return out
}

func histogramOf(x []float32, from, to float64) histogram {
	h := histogram{From: number(from), To: number(to), Counts: make([]int, bins)}
	scale := bins / (to - from)
	for _, e := range x {
		v := float64(e)
		switch {
		case math.IsNaN(v):
			h.Bad++
		case v < from:
			h.Below++
		case v >= to:
			h.Above++
		default:
			h.Counts[min(bins-1, int((v-from)*scale))]++
		}
	}
	return h
}

// scalars are the numbers of a frame's layers.
type scalars struct {
	Step int `json:"step"`
	// Values has, for each layer, the norms of θ and its gradient, the in-domain fraction and
	// the penalty.
	Values [][4]number `json:"values"`
}

func (f *frame) scalars() scalars {
	s := scalars{Step: f.Step}
	for _, l := range f.Layers {
		s.Values = append(s.Values, [4]number{l.Theta, l.Gradient, l.InDomain, l.Penalty})
	}
	return s
}
