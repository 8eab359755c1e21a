package table

import (
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// read returns the task of a table.
func read(t *testing.T, text string, flags ...string) (*Task, error) {
	path := filepath.Join(t.TempDir(), "table.csv")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	task := New()
	f := flag.NewFlagSet("test", flag.ContinueOnError)
	task.Register(f)
	require.NoError(t, f.Parse(append([]string{"-csv", path}, flags...)))
	return task, task.Check()
}

const numbers = "a,b,y\n1,10,0\n2,20,1\n3,30,1\n4,40,0\n5,50,1\n6,60,0\n7,70,0\n8,80,1\n9,90,1\n10,0,0\n"

// TestSplit: the rows to train on have mean 0 and variance 1, the test's are scaled as
// they are; another seed has another test, and the same seed the same.
func TestSplit(t *testing.T) {
	task, err := read(t, numbers)
	require.NoError(t, err)
	r, err := task.split(1)
	require.NoError(t, err)
	kept, test := r.kept, r.test
	require.Equal(t, 8, kept.Len())
	require.Equal(t, 2, test.Len())
	require.Equal(t, []int{1}, kept.YShape)
	for column := range 2 {
		sum, squares := 0.0, 0.0
		for i := range kept.Len() {
			x := float64(kept.X[2*i+column])
			sum += x
			squares += x * x
		}
		require.InDelta(t, 0, sum/8, 1e-6) // the rounding of float32
		require.InDelta(t, 1, math.Sqrt(squares/8), 1e-6)
	}
	again, err := task.split(1)
	require.NoError(t, err)
	require.Equal(t, r, again)
	tests := map[float32]bool{}
	for seed := range uint64(10) {
		r, err := task.split(seed)
		require.NoError(t, err)
		tests[r.test.X[0]] = true
	}
	require.Greater(t, len(tests), 2)
}

// TestScores: numbers are scored by R², classes by the accuracy.
func TestScores(t *testing.T) {
	task, err := read(t, numbers)
	require.NoError(t, err)
	require.Equal(t, "R² %", task.Scores()[0].Name)
	task, err = read(t, numbers, "-classes")
	require.NoError(t, err)
	require.Equal(t, "accuracy %", task.Scores()[0].Name)
	require.Equal(t, []string{"0", "1"}, task.set.Classes)
	task, err = read(t, numbers, "-drop", "b")
	require.NoError(t, err)
	require.Equal(t, []string{"a"}, task.set.Inputs)
	_, err = read(t, "a,y\n1,2\n,3\n4,5\n")
	require.ErrorContains(t, err, "-csv")
	task, err = read(t, "a,y\n1,2\n,3\n4,5\n", "-missing", "mean", "-test", "0.4")
	require.NoError(t, err)
	require.Equal(t, 3, task.set.Len())
}

// TestConstantTarget: a target without a difference is refused before anything is trained.
func TestConstantTarget(t *testing.T) {
	_, err := read(t, "a,y\n1,2.5\n2,2.5\n3,2.5\n")
	require.EqualError(t, err, "-target: 2.5 in all 3 rows: there is nothing to learn")
	_, err = read(t, "a,y\n1,yes\n2,yes\n3,yes\n")
	require.EqualError(t, err, `-target: "yes" in all 3 rows: there is nothing to learn`)
}

// TestSettings: what a program keeps with its outcomes changes with the numbers, and not
// with where the file lies.
func TestSettings(t *testing.T) {
	settings := func(text string) string {
		task, err := read(t, text)
		require.NoError(t, err)
		s, err := json.Marshal(task)
		require.NoError(t, err)
		return string(s)
	}
	require.Equal(t, settings(numbers), settings(numbers))
	require.NotEqual(t, settings(numbers), settings(numbers+"3,3,3\n"))
}
