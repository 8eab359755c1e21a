package ditacop

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"math"
	"testing"

	"github.com/ditac-go/ditac/cpab"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// TestStateRoundTrip: an activation that went through a State, in JSON and gob, is the
// same, to the last bit of θ.
func TestStateRoundTrip(t *testing.T) {
	awkward := []float64{math.Copysign(0, -1), 0.1, math.SmallestNonzeroFloat32, 1.0 / 3, -math.MaxFloat32 / 1e38}
	for _, dt := range bothDtypes {
		for name, opts := range map[string][]Option{
			"odd": odd(), "custom": custom(),
			"awkward":   {WithCells(6), WithBasis(cpab.BasisQR), WithInit(FromTheta(awkward))},
			"amplified": {WithVariant(VariantAmplified), WithAmplification(4), WithCells(5), WithInit(PriorSample(3, 3, 1))},
			"learned": {WithVariant(VariantAmplified), WithLearnedAmplification(2), WithGroups(1, 2), WithCells(3),
				WithInit(FromTheta([]float64{0.1, -0.2, 1.5, 0.3, 0.1, 2.5}))},
			"infinite": {WithVariant(VariantInfinite), WithCells(5), WithBasis(cpab.BasisSparse), WithInit(PriorSample(3, 3, 1))},
		} {
			t.Run(dt.String()+name, func(t *testing.T) {
				a, err := New(gorgonia.NewGraph(), dt, opts...)
				require.NoError(t, err)
				want, err := a.State()
				require.NoError(t, err)

				text, err := json.Marshal(a)
				require.NoError(t, err)
				var fromJSON, fromGob State
				require.NoError(t, json.Unmarshal(text, &fromJSON))
				var b bytes.Buffer
				require.NoError(t, gob.NewEncoder(&b).Encode(want))
				require.NoError(t, gob.NewDecoder(&b).Decode(&fromGob))
				for _, s := range []State{fromJSON, fromGob} {
					require.Equal(t, want, s)
					again, err := FromState(gorgonia.NewGraph(), s)
					require.NoError(t, err)
					got, err := again.State()
					require.NoError(t, err)
					require.Equal(t, want, got)
					requireSameBits(t, want.Theta, got.Theta, "θ")
					require.Equal(t, a.Theta().Name(), again.Theta().Name())
					require.Equal(t, a.Theta().Shape(), again.Theta().Shape())
					require.Equal(t, a.Theta().Value().Data(), again.Theta().Value().Data())
					require.Equal(t, a.String(), again.String())
					require.Equal(t, a.op(forward, 0).Hashcode(), again.op(forward, 0).Hashcode())
				}
			})
		}
	}
}

// TestStateFields: the fields are what the options said.
func TestStateFields(t *testing.T) {
	a, err := New(gorgonia.NewGraph(), tensor.Float32, append(odd(), WithInit(FromTheta([]float64{1, 2, 3, 4, 0.5})))...)
	require.NoError(t, err)
	s, err := a.State()
	require.NoError(t, err)
	require.Equal(t, State{
		Name: "odd", Dtype: "float32", Variant: "leaky", Domain: [2]float64{-2.5, 2.25}, Cells: 6, Boundary: "zero", Basis: "nodal",
		NegativeSlope: 0.2, Axis: 1, Groups: 4, Tolerance: 1e-5, Lambda: 0.3, PenaltyLengthScale: 2, PenaltyScale: 1.5,
		Theta: []float64{1, 2, 3, 4, 0.5, 1, 2, 3, 4, 0.5, 1, 2, 3, 4, 0.5, 1, 2, 3, 4, 0.5},
	}, s)
	s.Name = ""
	again, err := FromState(gorgonia.NewGraph(), s)
	require.NoError(t, err)
	require.Equal(t, "ditac1", again.Name())
	s.Theta[0] = 99 // the caller's memory
	theta, err := again.ThetaValues(0)
	require.NoError(t, err)
	require.Equal(t, 1.0, theta[0])
}

// TestBadState: a field that does not suit is an error that names it and its value,
// and leaves nothing in the graph.
func TestBadState(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		change func(*State)
		want   []string
	}{
		{func(s *State) { *s = State{} }, []string{"Dtype", `""`}},
		{func(s *State) { s.Dtype = "float16" }, []string{"Dtype", "float16"}},
		{func(s *State) { s.Variant = "relu" }, []string{"Variant", "relu"}},
		{func(s *State) { s.Domain = [2]float64{1, 1} }, []string{"domain", "[1,1]"}},
		{func(s *State) { s.Domain[0] = nan }, []string{"domain", "NaN"}},
		{func(s *State) { s.Cells = 0 }, []string{"cells", "0"}},
		{func(s *State) { s.Cells = 7 }, []string{"Theta", "20", "4 × 6"}},
		{func(s *State) { s.Boundary = "open" }, []string{"Boundary", "open"}},
		{func(s *State) { s.Boundary = "free" }, []string{"Theta", "20", "4 × 7"}},
		{func(s *State) { s.Basis = "wavelet" }, []string{"Basis", "wavelet"}},
		{func(s *State) { s.Basis = "custom" }, []string{"basis matrix", "0 numbers"}},
		{func(s *State) { s.BasisMatrix = []float64{1} }, []string{"BasisMatrix", "1 numbers", "nodal"}},
		{func(s *State) { s.NegativeSlope = inf }, []string{"slope", "+Inf"}},
		{func(s *State) { s.Amplification = 4 }, []string{"Amplification", "4", "leaky"}},
		{func(s *State) { s.AmplificationLearned = true }, []string{"Amplification", "true", "leaky"}},
		{func(s *State) { s.Variant = "amplified" }, []string{"amplification = 0"}},
		{func(s *State) { s.Variant, s.Amplification = "amplified", nan }, []string{"amplification = NaN"}},
		{func(s *State) { s.Variant, s.Amplification, s.AmplificationLearned = "amplified", 1, true }, []string{"Theta", "20", "4 × 6"}},
		{func(s *State) { s.Axis = -2 }, []string{"Axis", "-2"}},
		{func(s *State) { s.Axis = -1 }, []string{"Groups", "4", "-1"}},
		{func(s *State) { s.Groups = 0 }, []string{"Groups", "0"}},
		{func(s *State) { s.Groups = math.MaxInt }, []string{"groups", "9223372036854775807"}},
		{func(s *State) { s.Groups = 5 }, []string{"Theta", "20", "5 × 5"}},
		{func(s *State) { s.Tolerance = 0 }, []string{"tolerance", "0"}},
		{func(s *State) { s.Lambda = -1 }, []string{"lambda", "-1"}},
		{func(s *State) { s.PenaltyLengthScale = nan }, []string{"length scale", "NaN"}},
		{func(s *State) { s.PenaltyScale = 0 }, []string{"scale", "0"}},
		{func(s *State) { s.Theta = s.Theta[:5] }, []string{"Theta", "5", "4 × 5"}},
		{func(s *State) { s.Theta = nil }, []string{"Theta", "0"}},
		{func(s *State) { s.Theta[7] = nan }, []string{"group 1", "theta[2]", "NaN"}},
		{func(s *State) { s.Theta[7] = 1e39 }, []string{"group 1", "theta[2]", "1e+39", "float32"}},
	} {
		g := gorgonia.NewGraph()
		a, err := New(gorgonia.NewGraph(), tensor.Float32, odd()...)
		require.NoError(t, err)
		s, err := a.State()
		require.NoError(t, err)
		c.change(&s)
		_, err = FromState(g, s)
		for _, want := range append(c.want, "ditacop: FromState") {
			require.ErrorContains(t, err, want)
		}
		require.Empty(t, g.AllNodes())
	}
	a, err := New(gorgonia.NewGraph(), tensor.Float32, odd()...)
	require.NoError(t, err)
	s, err := a.State()
	require.NoError(t, err)
	_, err = FromState(a.Theta().Graph(), s)
	require.ErrorContains(t, err, `"odd" is taken`)
	_, err = FromState(nil, s)
	require.ErrorContains(t, err, "graph is nil")
}

// TestStateOfBadTheta: no State of a θ that is not finite.
func TestStateOfBadTheta(t *testing.T) {
	a, err := New(gorgonia.NewGraph(), tensor.Float32, odd()...)
	require.NoError(t, err)
	a.Theta().Value().Data().([]float32)[6] = float32(math.NaN())
	_, err = a.State()
	require.ErrorContains(t, err, "group 1")
	require.ErrorContains(t, err, "theta[1] = NaN")
	_, err = json.Marshal(a)
	require.ErrorContains(t, err, "theta[1] = NaN")
}

// TestDecodeActivation: what cannot work says what does.
func TestDecodeActivation(t *testing.T) {
	a, err := New(gorgonia.NewGraph(), tensor.Float32)
	require.NoError(t, err)
	text, err := json.Marshal(a)
	require.NoError(t, err)
	require.ErrorContains(t, json.Unmarshal(text, &Activation{}), "FromState")
	require.ErrorContains(t, gob.NewEncoder(&bytes.Buffer{}).Encode(a), "State")
	require.ErrorContains(t, (&Activation{}).GobDecode(nil), "FromState")
	_, err = json.Marshal(&Activation{})
	require.ErrorContains(t, err, "empty")
}
