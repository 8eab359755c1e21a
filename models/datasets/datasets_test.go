package datasets

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"slices"
	"testing"

	"github.com/ditac-go/ditac/models/data"
	"github.com/stretchr/testify/require"
)

var ctx = context.Background()

// offline fails for every package.
func offline(context.Context, origin, string, func(string, io.Reader) error) error {
	return fmt.Errorf("tests fetch nothing")
}

// TestShipped loads all data sets that are shipped, without a cache or a network. The
// sums of all inputs and targets are those that a Python program found in the packages'
// files.
func TestShipped(t *testing.T) {
	sums := map[string]struct{ x, y float64 }{
		"digits":          {561718, 8070},
		"wine":            {159975.296, 167},
		"iris":            {2078.7, 150},
		"breast-cancer":   {1056474.4596, 357},
		"diabetes":        {276404.2336, 67243},
		"co2":             {23140.366872, 263285.4},
		"temperature":     {1703819, 97466.8},
		"precipitation":   {181440, 63978715},
		"seattle-weather": {45209.8, 4021},
		"penguins":        {1488570.5, -1},
		"cpu":             {3117471, 22075},
		"credit-g":        {-1, 300}, // as weka's file says: 700 good, 300 bad
	}
	for _, name := range Names() {
		i, err := Describe(name)
		require.NoError(t, err)
		if !i.Shipped {
			_, err := Load(ctx, name, Options{Cache: t.TempDir(), fetch: offline})
			require.ErrorContains(t, err, "tests fetch nothing", name)
			require.ErrorContains(t, err, name)
			continue
		}
		l, err := Load(ctx, name, Options{Cache: t.TempDir(), fetch: offline})
		require.NoError(t, err)
		require.Equal(t, i.Examples, l.Set.Len(), name)
		require.Equal(t, i.Inputs, data.Size(l.Set.XShape), name)
		require.Equal(t, i.Task == data.Classification, l.Set.Classes != nil, name)
		require.Equal(t, name, l.Set.Name)
		want, ok := sums[name]
		require.True(t, ok, name)
		// Sums of float32, each right to 6e-8 of itself.
		if want.x >= 0 {
			require.InEpsilon(t, want.x, total(l.Set.X), 1e-6, name)
		}
		if want.y >= 0 {
			require.InEpsilon(t, want.y, total(l.Set.Y), 1e-6, name)
		}
	}
}

func total(v []float32) (sum float64) {
	for _, x := range v {
		sum += float64(x)
	}
	return sum
}

// TestRegistry: names and hashes are well formed, and trades are many.
func TestRegistry(t *testing.T) {
	names := Names()
	slices.Sort(names)
	require.Len(t, slices.Compact(names), len(registry))
	trades := map[string]bool{}
	for _, e := range registry {
		for _, s := range []string{e.Name, e.Title, e.Trade, e.Source, e.Licence} {
			require.NotEmpty(t, s, e.Name)
		}
		require.Positive(t, e.Examples)
		require.Positive(t, e.Inputs)
		require.NotEqual(t, data.Auto, e.Task)
		if e.Kind == Table {
			trades[e.Trade] = true
		}
		require.NotEmpty(t, e.files)
		for _, f := range e.files {
			b, err := hex.DecodeString(f.sum)
			require.NoError(t, err)
			require.Len(t, b, 32)
			shipped, err := f.shipped()
			require.NoError(t, err)
			require.Equal(t, e.Shipped, shipped != nil, f.member)
		}
	}
	require.GreaterOrEqual(t, len(trades), 8)
	require.Equal(t, []string{"china", "flower"}, NamesOf(Photo))
	require.Equal(t, "table map photo images Kind(4)", fmt.Sprint(Table, " ", Map, " ", Photo, " ", Images, " ", Kind(4)))
	_, err := Describe("x")
	require.ErrorContains(t, err, `there is no data set "x"`)
	_, err = Load(ctx, "x", Options{})
	require.ErrorContains(t, err, `there is no data set "x"`)
	_, err = Pictures(ctx, "iris", Options{})
	require.ErrorContains(t, err, "iris has no files of pictures")
}

// build runs the builder of a data set on files of a test.
func build(t *testing.T, name string, files map[string][]byte, opts Options) *Loaded {
	e, err := lookup(name)
	require.NoError(t, err)
	l, err := e.build(ctx, files, opts)
	require.NoError(t, err)
	require.NoError(t, l.Set.Check())
	return l
}

func text(name, contents string) map[string][]byte { return map[string][]byte{name: []byte(contents)} }

// TestBuilders makes sets of small files in the forms of those that are fetched.
func TestBuilders(t *testing.T) {
	l := build(t, "cars", text("cars.json", `[{"Name":"x","Miles_per_Gallon":18,"Cylinders":8,"Displacement":307,"Horsepower":130,"Weight_in_lbs":3504,"Acceleration":12,"Year":"1970-01-01","Origin":"USA"},
		{"Name":"y","Miles_per_Gallon":null,"Cylinders":4,"Displacement":1,"Horsepower":1,"Weight_in_lbs":1,"Acceleration":1,"Year":"1971-01-01","Origin":"Japan"}]`), Options{})
	require.Equal(t, []float32{8, 307, 130, 3504, 12, 1970, 1}, l.Set.X)
	require.Equal(t, []float32{18}, l.Set.Y)

	l = build(t, "volcano", text("volcano.json", `{"width":2,"height":2,"values":[1,2,3,4]}`), Options{})
	require.Equal(t, []float32{0, 0, 10, 0, 0, 10, 10, 10}, l.Set.X)
	require.Equal(t, []float32{1, 2, 3, 4}, l.Set.Y)

	// A west wind of 2 comes from 270° and goes east; one from the north goes south.
	l = build(t, "wind", text("windvectors.csv", "longitude,latitude,dir,dirCat,speed\n1,50,270,0,2\n2,51,0,0,3\n"), Options{})
	require.Equal(t, []float32{1, 50, 2, 51}, l.Set.X)
	require.InDeltaSlice(t, []float32{2, 0, 0, -3}, l.Set.Y, 1e-6)

	l = build(t, "sp500", text("sp500-2000.csv", "date,open,close\n2000-01-03,1,2\n2004-01-03,3,4\n"), Options{})
	require.Equal(t, []float32{0, 4}, l.Set.X) // 1461 days
	require.Equal(t, []float32{2, 4}, l.Set.Y)

	const travellers = "individual;mode;choice;ttme;invc;invt;gc;hinc;psize\n1;1;0;1;2;3;4;35;1\n1;2;0;5;6;7;8;35;1\n1;3;1;9;10;11;12;35;1\n1;4;0;13;14;15;16;35;1\n"
	l = build(t, "travel", text("modechoice.csv", travellers), Options{})
	require.Equal(t, []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 35, 1}, l.Set.X)
	require.Equal(t, []int{2}, l.Set.Labels())
	require.Equal(t, "bus gc", l.Set.Inputs[11])

	const head = "@relation r\n@attribute x real\n@attribute class {a,b}\n@data\n"
	files := text("segment-challenge.arff", head+"1,a\n2,b\n")
	files["segment-test.arff"] = []byte(head + "3,b\n")
	l = build(t, "segment", files, Options{})
	require.Equal(t, []float32{1, 2}, l.Train.X)
	require.Equal(t, []float32{3}, l.Test.X)
	require.Equal(t, []float32{1, 2, 3}, l.Set.X)

	l = build(t, "supermarket", text("supermarket.arff", "@relation r\n@attribute d1 { t}\n@attribute d2 { t}\n@attribute total { low, high} % low < 100\n@data\nt,?,low\n?,?,high\n"), Options{})
	require.Equal(t, []float32{1, 0, 0, 0}, l.Set.X)
}

// picture is a PNG file of 2×2 pixels of a colour.
func picture(t *testing.T, c color.NRGBA) []byte {
	img := image.NewNRGBA(image.Rect(0, 0, 2, 2))
	for i := range 4 {
		img.SetNRGBA(i%2, i/2, c)
	}
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, img))
	return b.Bytes()
}

func TestEmoji(t *testing.T) {
	f := file{member: "64/*"}
	archive, _, err := f.archive(map[string][]byte{
		"64/1.png": picture(t, color.NRGBA{255, 0, 0, 255}), "64/1-a.png": picture(t, color.NRGBA{0, 255, 0, 0}), "64/2.png": picture(t, color.NRGBA{0, 0, 255, 255}),
	})
	require.NoError(t, err)
	files := map[string][]byte{"64.tar": archive, "emoji.json": []byte(`[
		{"image":"1.png","short_name":"wave","category":"People","skin_variations":{"A":{"image":"1-a.png"}}},
		{"image":"2.png","short_name":"sea","category":"Nature"}]`)}
	list, err := emojis(ctx, files)
	require.NoError(t, err)
	var names []string
	for _, p := range list {
		names = append(names, p.Name+"/"+p.Base+"/"+p.Category)
	}
	require.Equal(t, []string{"wave A/wave/People", "wave/wave/People", "sea/sea/Nature"}, names)
	require.Equal(t, color.NRGBA{255, 0, 0, 255}, list[1].Image.NRGBAAt(1, 1))
	require.Zero(t, list[0].Image.NRGBAAt(0, 0).A)
	l := build(t, "emoji", files, Options{Size: 1})
	require.Equal(t, []string{"Nature", "People"}, l.Set.Classes)
	require.Equal(t, []float32{1, 1, 1, 1, 0, 0, 0, 0, 1}, l.Set.X) // the first cannot be seen
	require.Equal(t, []int{1, 1, 0}, l.Set.Labels())

	files["emoji.json"] = []byte(`[]`)
	_, err = emojis(ctx, files)
	require.ErrorContains(t, err, "1-a.png is not in emoji.json")
	files["64.tar"] = archive[:700]
	_, err = emojis(ctx, files)
	require.Error(t, err)
}

func TestPhoto(t *testing.T) {
	l := build(t, "china", map[string][]byte{"china.jpg": picture(t, color.NRGBA{255, 0, 51, 255})}, Options{})
	require.Equal(t, []float32{-1, -1, 1, -1, -1, 1, 1, 1}, l.Set.X)
	require.InDeltaSlice(t, []float32{1, 0, .2}, l.Set.Y[:3], 1e-6)
}

// TestFetched loads what is not shipped by the real package managers, if it is asked
// for: it takes a minute and 100 MB.
func TestFetched(t *testing.T) {
	if os.Getenv("DITAC_FETCH") == "" {
		t.Skip("DITAC_FETCH=1 runs it")
	}
	cache := t.TempDir()
	for _, name := range Names() {
		l, err := Load(ctx, name, Options{Cache: cache})
		require.NoError(t, err)
		require.Equal(t, l.Examples, l.Set.Len(), name)
		require.Equal(t, l.Inputs, data.Size(l.Set.XShape), name)
	}
	list, err := Pictures(ctx, "emoji", Options{Cache: cache})
	require.NoError(t, err)
	require.Len(t, list, 3786)
}

func ExampleLoad() {
	l, err := Load(context.Background(), "iris", Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(l.Trade, l.Set.Len(), l.Set.Classes)
	fmt.Println(l.Set.Inputs)
	// Output:
	// botany 150 [setosa versicolor virginica]
	// [sepal length (cm) sepal width (cm) petal length (cm) petal width (cm)]
}

func ExampleDescribe() {
	info, err := Describe("co2")
	fmt.Println(info.Title, err)
	fmt.Println(info.Kind, info.Task, info.Examples, info.Licence)
	// Output:
	// CO2 at Mauna Loa from 1958 to 2020 in parts per million, from the date in years <nil>
	// map regression 741 CC BY 4.0
}

func ExampleNames() {
	fmt.Println(NamesOf(Map))
	fmt.Println(len(Names()) > len(NamesOf(Map)))
	// Output:
	// [volcano wind temperature precipitation sp500 co2]
	// true
}

func ExamplePictures() {
	_, err := Pictures(context.Background(), "iris", Options{})
	fmt.Println(err)
	// Output: datasets: Pictures: iris has no files of pictures; there are ["china" "flower"] and "emoji"
}
