package ditacop_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The stock program in swap_rectify_test.go becomes that in swap_ditac_test.go by an
// import and two lines:
//
//	-h, err := gorgonia.Rectify(z)
//	+h, err := ditacop.DiTAC(z)
//
//	-learnables := gorgonia.Nodes{w1, b1, w2}
//	+learnables := append(gorgonia.Nodes{w1, b1, w2}, ditacop.Learnables(g)...)
func Example_swap() {
	for _, program := range []struct {
		name  string
		train func() (first, last float64, err error)
	}{{"Rectify", trainRectify}, {"DiTAC", trainDiTAC}} {
		first, last, err := program.train()
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s trains: %t\n", program.name, last < first/20)
	}
	// Output:
	// Rectify trains: true
	// DiTAC trains: true
}

// TestSwap holds the two programs' sources against each other: what the example
// says is all that differs.
func TestSwap(t *testing.T) {
	lines := func(path string) []string {
		source, err := os.ReadFile(path)
		require.NoError(t, err)
		_, body, ok := strings.Cut(string(source), "() (first, last float64, err error) {\n")
		require.True(t, ok)
		return strings.Split(body, "\n")
	}
	before, after := lines("swap_rectify_test.go"), lines("swap_ditac_test.go")
	require.Equal(t, len(before), len(after))
	var diff []string
	for i := range before {
		if before[i] != after[i] {
			diff = append(diff, "-"+before[i], "+"+after[i])
		}
	}
	require.Equal(t, []string{
		"-\th, err := gorgonia.Rectify(z)",
		"+\th, err := ditacop.DiTAC(z)",
		"-\tlearnables := gorgonia.Nodes{w1, b1, w2}",
		"+\tlearnables := append(gorgonia.Nodes{w1, b1, w2}, ditacop.Learnables(g)...)",
	}, diff)
}
