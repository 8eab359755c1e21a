package table

import (
	"flag"
	"fmt"

	"github.com/ditac-go/ditac/examples/internal/cli"
)

// Restrain keeps a network from learning the rows by heart; so does the flag -lambda.
type Restrain struct {
	Dropout  float64 // before each linear layer but the first
	Patience int     // evaluations without improvement before training stops; 0: never
}

// evaluations is the number of evaluations of a training: early stopping looks at each.
const evaluations = 40

func (r *Restrain) register(f *flag.FlagSet) {
	f.Float64Var(&r.Dropout, "dropout", 0, "`probability` with which a hidden unit is dropped in training")
	f.IntVar(&r.Patience, "patience", 0, fmt.Sprintf("stop early: evaluate %d times on a fifth of the rows to train on, which is kept out of the training, end after this `number` of evaluations without improvement, and take the best weights; 0 to train to the end", evaluations))
}

// check reports what is wrong with the flags.
func (r *Restrain) check() error {
	if !(r.Dropout >= 0 && r.Dropout < 1) {
		return fmt.Errorf("-dropout: %v, want at least 0 and less than 1", r.Dropout)
	}
	return cli.Range("patience", r.Patience, 0, evaluations)
}
