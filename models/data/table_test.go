package data

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const people = `age,colour,income,label
30,red,1.5,yes
40,blue,?,no
?,red,2.5,yes

50,,3.5,no
`

func parse(text string, o TableOptions) (*Set, *Report, error) {
	return ParseCSV(ctx, strings.NewReader(text), "people.csv", o)
}

func TestParseCSV(t *testing.T) {
	s, report, err := parse(people, TableOptions{Missing: ImputeMean})
	require.NoError(t, err)
	require.NoError(t, s.Check())
	require.Equal(t, []string{"age", "colour=blue", "colour=red", "colour=?", "income"}, s.Inputs)
	require.Equal(t, []string{"no", "yes"}, s.Classes)
	require.Equal(t, []float32{
		30, 0, 1, 0, 1.5,
		40, 1, 0, 0, 2.5, // the mean of 1.5, 2.5 and 3.5
		40, 0, 1, 0, 2.5, // that of 30, 40 and 50
		50, 0, 0, 1, 3.5,
	}, s.X)
	require.Equal(t, []float32{1, 0, 1, 0}, s.Y)
	require.Equal(t, `4 rows, "age": 1 missing values imputed, "colour": 1 missing values imputed, "income": 1 missing values imputed, "colour": 3 words`, report.String())

	s, report, err = parse(people, TableOptions{Missing: DropMissing})
	require.NoError(t, err)
	require.Equal(t, []float32{30, 1, 1.5}, s.X) // the only row left has the only word
	require.Equal(t, 3, report.Dropped)
	require.Empty(t, report.Imputed)

	s, _, err = parse(people, TableOptions{Missing: ZeroMissing, Target: "income", Inputs: []string{"colour", "age"}, Task: Regression})
	require.ErrorContains(t, err, `people.csv: line 3, column "income": the target is missing`)
	require.Nil(t, s)
	s, _, err = parse(people, TableOptions{Missing: ZeroMissing, Drop: []string{"income"}})
	require.NoError(t, err)
	require.Equal(t, []float32{30, 0, 1, 40, 1, 0, 0, 0, 1, 50, 0, 0}, s.X)
}

// TestTask: numbers are targets of regression unless classes are asked for, which are
// then in the numbers' order.
func TestTask(t *testing.T) {
	const text = "x,y\n1,10\n2,9\n3,10\n"
	s, _, err := parse(text, TableOptions{})
	require.NoError(t, err)
	require.Nil(t, s.Classes)
	require.Equal(t, []float32{10, 9, 10}, s.Y)
	s, _, err = parse(text, TableOptions{Task: Classification})
	require.NoError(t, err)
	require.Equal(t, []string{"9", "10"}, s.Classes)
	require.Equal(t, []float32{1, 0, 1}, s.Y)
	s, _, err = parse(text, TableOptions{Text: []string{"x"}})
	require.NoError(t, err)
	require.Equal(t, []string{"x=1", "x=2", "x=3"}, s.Inputs)
	_, _, err = parse("x,y\n1,a\n", TableOptions{Task: Regression})
	require.ErrorContains(t, err, `line 2, column "y": "a" is no number`)
	require.Equal(t, "auto regression classification Task(7)", fmt.Sprint(Auto, " ", Regression, " ", Classification, " ", Task(7)))
}

func TestCSVForms(t *testing.T) {
	want := []float32{1, 2}
	for name, c := range map[string]struct {
		text string
		o    TableOptions
	}{
		"byte order mark": {"\ufeffx,y\r\n1,0\r\n2,0\r\n", TableOptions{Inputs: []string{"x"}}},
		"quotes":          {"\"x\",\"y\"\n\"1\",0\n 2, 0\n", TableOptions{}},
		"semicolons":      {"x;y\n1;0\n2;0", TableOptions{Comma: ';'}},
		"no header":       {"1,0\n2,0\n", TableOptions{NoHeader: true, Inputs: []string{"1"}}},
		"compressed":      {string(zip([]byte("x,y\n1,0\n2,0\n"))), TableOptions{}},
	} {
		s, _, err := parse(c.text, c.o)
		require.NoError(t, err, name)
		require.Equal(t, want, s.X, name)
	}
	s, _, err := ReadTable(ctx, write(t, "t.tsv.gz", zip([]byte("x\ty\n1\t0\n2\t0\n"))), TableOptions{})
	require.NoError(t, err)
	require.Equal(t, want, s.X)
	require.Equal(t, "t.tsv.gz", s.Name)
}

func TestCSVBad(t *testing.T) {
	for want, c := range map[string]struct {
		text string
		o    TableOptions
	}{
		`line 3, column "income": the value is missing ("?")`: {people, TableOptions{}},
		`line 3 has 3 cells, the first line has 2`:            {"x,y\n1,2\n1,2,3\n", TableOptions{}},
		`no rows of data`: {"x,y\n", TableOptions{}},
		`line 4, column "x": "3o" is no number, as 2 other`:                                {"x,y\n1,1\n2,1\n3o,1\n", TableOptions{}},
		`line 2, column "x": "1e39" is not finite in float32`:                              {"x,y\n1e39,1\n2,1\n3,1\n", TableOptions{}},
		`line 3, column "x": "Inf" is not finite`:                                          {"x,y\n1,1\nInf,1\n3,1\n", TableOptions{}},
		`columns 1 and 2 are both named "x"`:                                               {"x,x\n1,2\n", TableOptions{}},
		`Target: no column "z" among ["x" "y"]`:                                            {"x,y\n1,2\n", TableOptions{Target: "z"}},
		`Drop: no column "z"`:                                                              {"x,y\n1,2\n", TableOptions{Drop: []string{"z"}}},
		`Text: no column "z"`:                                                              {"x,y\n1,2\n", TableOptions{Text: []string{"z"}}},
		`Inputs: no column "z"`:                                                            {"x,y\n1,2\n", TableOptions{Inputs: []string{"z"}}},
		`the target "y" is among the inputs`:                                               {"x,y\n1,2\n", TableOptions{Inputs: []string{"y"}}},
		`the target "y" is among the columns to drop`:                                      {"x,y\n1,2\n", TableOptions{Drop: []string{"y"}}},
		`no columns are left as inputs`:                                                    {"x,y\n1,2\n", TableOptions{Drop: []string{"x"}}},
		`line 4, column "x": "c" is the column's word number 3, want at most 2 (MaxWords)`: {"x,y\na,1\nb,1\nc,1\n", TableOptions{MaxWords: 2}},
		`column "x" has no values`:                                                         {"x,y\n?,1\nNA,1\n", TableOptions{Missing: ImputeMean}},
		`no rows left of 2`:                                                                {"x,y\n?,1\nNA,1\n", TableOptions{Missing: DropMissing}},
		`unknown Task 9`:                                                                   {"x,y\n1,1\n", TableOptions{Task: 9}},
		`unknown Missing -1`:                                                               {"x,y\n1,1\n", TableOptions{Missing: -1}},
		`MaxWords is -1`:                                                                   {"x,y\n1,1\n", TableOptions{MaxWords: -1}},
		`line 2, column "x": "1e300" is not finite in float32`:                             {"x,y\n1e300,1\n2,1\n", TableOptions{}},  // no word
		`line 3, column "x": "-1e999" is not finite`:                                       {"x,y\n1,1\n-1e999,1\n", TableOptions{}}, // beyond float64
		`Inputs: column "x" is named twice`:                                                {"x,y\n1,1\n", TableOptions{Inputs: []string{"x", "x"}}},
		`one column only, "x;y"`:                                                           {"x;y\n1;1\n", TableOptions{}},
		`in UTF-16`:                                                                        {"\xff\xfex\x00,\x00y\x00\n\x00", TableOptions{}},
		`line 1, which should name the columns, has numbers only: ["1" "-2.5"]`:            {"1,-2.5\n2,3\n", TableOptions{}},
		`the file is truncated`:                                                            {"\x1f\x8b", TableOptions{}},
		`parse error on line 2`:                                                            {"x,y\n\"1,1\n", TableOptions{}},
	} {
		_, _, err := parse(c.text, c.o)
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "people.csv")
	}
	over, cancel := context.WithCancel(ctx)
	cancel()
	_, _, err := ParseCSV(over, strings.NewReader(people), "p", TableOptions{})
	require.ErrorIs(t, err, context.Canceled)
	_, _, err = ReadTable(ctx, "no/such.csv", TableOptions{})
	require.ErrorContains(t, err, "data: ReadCSV no/such.csv: no such file")
}

const weather = `% a comment
@relation weather

@ATTRIBUTE 'out look' {sunny, 'heavy rain', "it's fine" } % of the day
@attribute	temperature	REAL
@attribute play { yes, no}
@data
sunny, 25, no
% another
'heavy rain',?,yes
"it's fine",15,no
`

func TestParseARFF(t *testing.T) {
	s, report, err := ParseARFF(ctx, strings.NewReader(weather), "weather.arff", TableOptions{Missing: ImputeMean})
	require.NoError(t, err)
	require.Equal(t, []string{"out look=sunny", "out look=heavy rain", "out look=it's fine", "temperature"}, s.Inputs)
	require.Equal(t, []string{"yes", "no"}, s.Classes) // as declared
	require.Equal(t, []float32{1, 0, 0, 25, 0, 1, 0, 20, 0, 0, 1, 15}, s.X)
	require.Equal(t, []float32{1, 0, 1}, s.Y)
	require.Equal(t, map[string]int{"temperature": 1}, report.Imputed)
	s, _, err = ReadTable(ctx, write(t, "w.ARFF.gz", zip([]byte(weather))), TableOptions{Missing: DropMissing})
	require.NoError(t, err)
	require.Equal(t, 2, s.Len())
}

func TestARFFBad(t *testing.T) {
	for want, change := range map[string][2]string{
		`line 8: 2 cells for 3 attributes`:                        {"25, no", "25"},
		`line 8, column "play": "maybe" is none of the declared`:  {"25, no", "25, maybe"},
		`line 8: a sparse row`:                                    {"sunny, 25, no", "{0 sunny, 1 25}"},
		`line 5: attribute "temperature" has the type "date"`:     {"REAL", "date"},
		`line 2: "@relatoin weather", want @relation, @attribute`: {"@relation", "@relatoin"},
		`line 10: a quote '"' without its end`:                    {"'heavy rain',?", "\"heavy rain,?"},
		`line 11: a quote '"' without its end`:                    {"it's fine\",15", "it's fine,15"},
		`line 6: an attribute without a name`:                     {"play { yes, no}", ""},
		`line 11, column "temperature": "warm" is no number`:      {"fine\",15", "fine\",warm"},
	} {
		text := strings.Replace(weather, change[0], change[1], 1)
		_, _, err := ParseARFF(ctx, strings.NewReader(text), "weather.arff", TableOptions{Missing: DropMissing})
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "data: ParseARFF weather.arff: ")
	}
	_, _, err := ParseARFF(ctx, strings.NewReader("@relation x\n@data\n"), "x", TableOptions{})
	require.ErrorContains(t, err, "no rows of data")
}

// FuzzTables: no text makes a reader panic, and what it accepts is a set.
func FuzzTables(f *testing.F) {
	f.Add(people)
	f.Add(weather)
	f.Add("@data\n1")
	f.Fuzz(func(t *testing.T, text string) {
		for _, parse := range []func(string) (*Set, *Report, error){
			func(s string) (*Set, *Report, error) {
				return ParseCSV(ctx, strings.NewReader(s), "f", TableOptions{Missing: ImputeMean})
			},
			func(s string) (*Set, *Report, error) {
				return ParseARFF(ctx, strings.NewReader(s), "f", TableOptions{Missing: ZeroMissing})
			},
		} {
			if s, _, err := parse(text); err == nil {
				require.NoError(t, s.Check())
			}
		}
	})
}

func ExampleParseCSV() {
	const table = "rooms,heating,price\n3,gas,200\n5,oil,310\n4,gas,255\n"
	set, report, err := ParseCSV(context.Background(), strings.NewReader(table), "houses", TableOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(set.Inputs, set.X, set.Y)
	fmt.Println(report)
	// Output:
	// [rooms heating=gas heating=oil] [3 1 0 5 0 1 4 1 0] [200 310 255]
	// 3 rows, "heating": 2 words
}

func ExampleParseARFF() {
	const table = "@relation r\n@attribute x numeric\n@attribute class {small,large}\n@data\n1,small\n9,large\n"
	set, _, err := ParseARFF(context.Background(), strings.NewReader(table), "sizes", TableOptions{})
	fmt.Println(set.Classes, set.X, set.Y, err)
	// Output: [small large] [1 9] [0 1] <nil>
}
