package dashboard

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/ditac-go/ditac/models/explain"
	"github.com/ditac-go/ditac/models/train"
	"github.com/stretchr/testify/require"
)

func somePNG(t *testing.T) []byte {
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 3, 2))))
	return b.Bytes()
}

// TestExplain: what is told of a run is served, by this board and by one that opens the folder
// later, and replaced by what is told next; a resumed training drops it.
func TestExplain(t *testing.T) {
	dir := t.TempDir()
	b := started(t, Options{Dir: dir})
	o := b.Run("a")
	fit(t, 20, o)
	require.Zero(t, summaryOf(b, "a").Explanations)
	picture := somePNG(t)
	first := Explanation{Pictures: []Picture{{"old", picture}}}
	require.NoError(t, b.Explain(o, first))
	told := Explanation{
		Ablation: &explain.Ablation{Loss: 0.25, Start: 1.5, Activations: []explain.Ablated{{Name: "first", Params: 59, Moved: 2, Reset: 0.75, Kept: math.NaN()}}},
		Pictures: []Picture{{"one", picture}, {"two", picture}},
	}
	require.NoError(t, b.Explain(o, told))
	require.NoError(t, b.look()) // what the board wrote itself is not read again
	for _, board := range []*Board{b, started(t, Options{Dir: dir})} {
		require.Equal(t, 2, summaryOf(board, "a").Explanations)
		require.Equal(t, "finished", summaryOf(board, "a").State)
		status, text := get(t, board, http.MethodGet, "/api/explain?name=a", nil)
		require.Equal(t, http.StatusOK, status)
		require.JSONEq(t, `{"ablation": {"loss": 0.25, "start": 1.5, "activations": [{"name": "first", "params": 59, "moved": 2, "reset": 0.75, "kept": null}]},
			"pictures": ["one", "two"]}`, text)
		status, text = get(t, board, http.MethodGet, "/api/picture?name=a&picture=1", nil)
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, string(picture), text)
		for path, want := range map[string]int{"name=a&picture=2": http.StatusNotFound, "name=a": http.StatusNotFound, "name=a&picture=-1": http.StatusBadRequest, "name=b&picture=0": http.StatusNotFound} {
			status, _ := get(t, board, http.MethodGet, "/api/picture?"+path, nil)
			require.Equal(t, want, status, path)
		}
	}
	var again run
	again.clear()
	require.NoError(t, again.load(b.path("a")))
	text, err := json.Marshal(line{Start: &start{Format: format, Step: 10, Steps: 20}})
	require.NoError(t, err)
	var resumed line
	require.NoError(t, json.Unmarshal(text, &resumed))
	require.NotNil(t, again.explanation())
	again.apply(resumed)
	require.Nil(t, again.explanation())
}

func TestExplainErrors(t *testing.T) {
	b := started(t, Options{Dir: t.TempDir()})
	other := started(t, Options{Dir: t.TempDir()})
	require.ErrorContains(t, b.Explain(other.Run("a"), Explanation{}), "not one of this board's Run")
	require.ErrorContains(t, b.Explain(train.ObserverFunc(nil), Explanation{}), "not one of this board's Run")
	o := b.Run("a")
	require.ErrorContains(t, b.Explain(o, Explanation{}), `the training of run "a" has not ended`)
	fit(t, 5, o)
	picture := somePNG(t)
	require.ErrorContains(t, b.Explain(o, Explanation{Pictures: make([]Picture, 9)}), "9 pictures, want at most 8")
	require.ErrorContains(t, b.Explain(o, Explanation{Pictures: []Picture{{"x", []byte("<svg/>")}}}), `picture 0 ("x") is no PNG`)
	require.ErrorContains(t, b.Explain(o, Explanation{Pictures: []Picture{{strings.Repeat("x", 301), picture}}}), "301 bytes")
	require.ErrorContains(t, b.Explain(o, Explanation{Pictures: []Picture{{"x", make([]byte, maxPNG+1)}}}), "2097153 bytes")
	require.Zero(t, summaryOf(b, "a").Explanations)
}
