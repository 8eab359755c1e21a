package nb

import (
	"context"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/explain"
	"github.com/ditac-go/ditac/models/plots"
	"github.com/ditac-go/ditac/models/train"
	"gorgonia.org/gorgonia"
)

// TestTraining: the messages of a training are one display_data, then updates of it.
func TestTraining(t *testing.T) {
	var kinds []string
	ids := map[interface{}]bool{}
	SetPublisher(func(kind string, content interface{}) error {
		kinds = append(kinds, kind)
		b := content.(bundle)
		ids[b.Transient["display_id"]] = true
		if b.Data["image/png"] == "" || b.Data["text/plain"] == "" {
			t.Errorf("an empty message %v", b.Data)
		}
		return nil
	})
	defer SetPublisher(nil)
	set := &data.Set{X: []float32{0, 1, 2, 3}, Y: []float32{0, 1, 4, 9}, XShape: []int{1}, YShape: []int{1}}
	live := NewTraining("test")
	for _, name := range []string{"relu", "ditac"} {
		maker, err := models.ByName(name)
		Check(err)
		r := live.Run(name).(*run)
		_, err = train.Fit(context.Background(), train.Config{
			Network: func(g *gorgonia.ExprGraph, _ models.Mode) (models.Network, error) {
				return models.NewMLP(g, models.MLPConfig{Sizes: []int{1, 2, 1}, Activation: maker})
			},
			Loss: models.MSE, Train: set, Valid: set, Metrics: []train.Metric{train.RMSE()}, Steps: 4,
			Observers: []train.Observer{r, train.ObserverFunc(func(train.Event) error { r.next = r.next.AddDate(-1, 0, 0); return nil })},
		})
		Check(err)
	}
	if len(ids) != 2 || kinds[0] != "display_data" || kinds[1] != "update_display_data" {
		t.Errorf("%d displays, messages %v", len(ids), kinds)
	}
}

func TestTable(t *testing.T) {
	got := NewTable("a", "b<").Row(1, 0.123456).HTML()
	want := "<table>\n<tr><th>a</th><th>b&lt;</th></tr>\n<tr><td>1</td><td>0.1235</td></tr>\n</table>"
	if got != want {
		t.Error(got)
	}
}

// TestExplain: a row of two images, one of which is taken for another; a table of one activation.
func TestExplain(t *testing.T) {
	s := &data.Set{X: make([]float32, 4), Y: []float32{0, 1}, XShape: []int{1, 1, 2}, Classes: []string{"a", "b"}}
	a := &explain.Attributions{XShape: s.XShape, Values: []float64{1, 2, 3, 4}, Output: []int{1, 1}}
	row := Contributions("net", a, s)
	want := []plots.HeatTile{{Values: []float64{1, 2}, Caption: "b", Marked: true}, {Values: []float64{3, 4}, Caption: "b"}}
	if row.Name != "net" || !reflect.DeepEqual(row.Tiles, want) {
		t.Error(row)
	}
	table := Ablation(&explain.Ablation{Loss: 1, Start: 2, Activations: []explain.Ablated{{Name: "first", Params: 3, Moved: 4, Reset: 5, Kept: 6}}})
	if got := table.String(); got != "activation\tparameters\t‖θ − θ₀‖\tloss, θ set back\tloss, θ kept alone\nfirst\t3\t4\t5\t6\nnone set back\t\t\t1\t\nall set back\t\t\t2\t\n" {
		t.Error(got)
	}
}

func TestPick(t *testing.T) {
	t.Setenv(SmallVariable, "small")
	if Pick(2, 1) != 1 || !Small() {
		t.Error("not small")
	}
}

// TestFlipAndShift: a picture of one pixel is moved and mirrored, in both channels alike.
func TestFlipAndShift(t *testing.T) {
	augment := FlipAndShift(1, 9)
	places := map[int]bool{}
	for seed := range uint64(500) {
		x := make([]float32, 2*3*5)
		x[1*5+1], x[15+1*5+1] = 1, 1
		augment(x, []int{2, 3, 5}, rand.New(rand.NewPCG(seed, 0)))
		at := slices.Index(x, 1)
		if at < 0 || at >= 15 || x[15+at] != 1 {
			t.Fatal(x)
		}
		places[at] = true
	}
	if len(places) != 2*9-3 { // columns 0 to 2, mirrored 2 to 4: column 2 is both
		t.Error(places)
	}
}

func TestSoftmax(t *testing.T) {
	p := Softmax([]float32{1000, 1000, -1000})
	if p[0] != 0.5 || p[1] != 0.5 || p[2] != 0 {
		t.Error(p)
	}
}
