package dashboard

import (
	"encoding/json"
	"math"
	"strconv"
)

// number is a float64 in JSON; NaN and infinities, which JSON has not, are null.
type number float64

// MarshalJSON implements json.Marshaler.
func (n number) MarshalJSON() ([]byte, error) {
	if x := float64(n); math.IsNaN(x) || math.IsInf(x, 0) {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, float64(n), 'g', -1, 64), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *number) UnmarshalJSON(b []byte) error {
	var x *float64
	if err := json.Unmarshal(b, &x); err != nil {
		return err
	}
	*n = number(math.NaN())
	if x != nil {
		*n = number(*x)
	}
	return nil
}

// short is a float32 in JSON with five digits, enough for a picture.
type short float32

// MarshalJSON implements json.Marshaler.
func (n short) MarshalJSON() ([]byte, error) {
	if x := float64(n); math.IsNaN(x) || math.IsInf(x, 0) {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, float64(n), 'g', 5, 32), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *short) UnmarshalJSON(b []byte) error {
	var x number
	err := x.UnmarshalJSON(b)
	*n = short(x)
	return err
}

func numbers(x []float64) []number {
	out := make([]number, len(x))
	for i, e := range x {
		out[i] = number(e)
	}
	return out
}
