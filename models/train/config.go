package train

import (
	"fmt"
	"math"
	"slices"

	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"gorgonia.org/gorgonia"
)

// Builder makes a network in a graph, for training or for evaluation. It is called
// several times, and must make the same network each time, with the same names and
// initial values: what a Seed determines.
type Builder func(g *gorgonia.ExprGraph, mode models.Mode) (models.Network, error)

// Loss returns a scalar node: what training lowers, as the mean over a batch.
// models.MSE, models.CrossEntropy and models.BinaryCrossEntropy are such.
type Loss func(out, target *gorgonia.Node) (*gorgonia.Node, error)

// Config describes a training. Network, Loss, the data and Steps or Epochs are
// required.
type Config struct {
	// Network makes the network. Its dtype is that of its learnables.
	Network Builder
	// Loss is what training lowers.
	Loss Loss

	// Train is the set to train on, in batches of Batch examples, in an order that Seed
	// determines.
	Train *data.Set
	// Source gives the batches instead of Train; then XShape and YShape, the shapes of one
	// example, are required, unless Train is there too to give them. Its method
	// StepsPerEpoch() int, if it has one, says what an epoch is.
	Source         data.Source
	XShape, YShape []int
	// Valid is the set that the network is evaluated on; nil: none.
	Valid *data.Set
	// Batch is the number of examples of a step; 0 means 32, or all of a smaller Train.
	Batch int
	// Steps is the number of steps. With Steps 0 it is that of Epochs.
	Steps, Epochs int
	// Seed determines the order of the examples. The network has its own.
	Seed uint64

	// LearnRate is that of the weights; 0 means 0.001.
	LearnRate float64
	// ThetaRate is the factor on LearnRate for the learnables of the activations, as θ;
	// 0 means 1.
	ThetaRate float64
	// Schedule multiplies the learning rates at each step; nil means models.Constant.
	Schedule models.Schedule
	// Groups replaces the two groups of learnables that LearnRate, ThetaRate and Schedule
	// describe.
	Groups func(models.Network) []models.Group
	// Clip is the largest norm of the gradient, see models.Trainer; 0: any.
	Clip float64
	// Penalty adds the smoothness penalties of all DiTAC activations to the cost, see
	// ditacop.WithPenalty.
	Penalty bool

	// Metrics are computed of the outputs for Valid. The first decides which evaluation is
	// the best; without any, the lowest loss of Valid does.
	Metrics []Metric
	// EvalEvery is the number of steps between evaluations; 0: an epoch, or none if Source
	// has no epochs. The last step is always followed by one.
	EvalEvery int
	// Patience is the number of evaluations in a row that may fail to improve on the best
	// one before training stops. With it the network ends with the weights of the best
	// evaluation. 0: never stop, and keep the last weights. It needs Valid.
	Patience int

	// Checkpoint is the file that keeps all that training needs to go on; empty: none.
	Checkpoint string
	// CheckpointEvery is the number of steps between writing it; 0: at evaluations. It is
	// written at the end and on interruption too.
	CheckpointEvery int
	// Resume goes on from Checkpoint, if that file exists.
	Resume bool
	// Observers are told what happens: a progress bar, logs.
	Observers []Observer
}

// defaultBatch is the number of examples of a step if Config does not say it.
const defaultBatch = 32

// epochs is what a Source may have.
type epochs interface{ StepsPerEpoch() int }

// withDefaults returns the configuration with nothing left to choose, or reports what is
// wrong with it.
func (c Config) withDefaults() (Config, error) {
	if c.Network == nil {
		return c, fmt.Errorf("Config.Network is nil")
	}
	if c.Loss == nil {
		return c, fmt.Errorf("Config.Loss is nil")
	}
	if err := c.checkData(); err != nil {
		return c, err
	}
	for _, n := range []struct {
		name  string
		value int
	}{{"Batch", c.Batch}, {"Steps", c.Steps}, {"Epochs", c.Epochs}, {"EvalEvery", c.EvalEvery}, {"Patience", c.Patience}, {"CheckpointEvery", c.CheckpointEvery}} {
		if n.value < 0 {
			return c, fmt.Errorf("%s is %d, want at least 0", "Config."+n.name, n.value)
		}
	}
	if err := c.setBatches(); err != nil {
		return c, err
	}
	if err := c.setSteps(); err != nil {
		return c, err
	}
	if c.LearnRate == 0 {
		c.LearnRate = 0.001
	}
	if c.ThetaRate == 0 {
		c.ThetaRate = 1
	}
	for _, n := range []struct {
		name  string
		value float64
	}{{"LearnRate", c.LearnRate}, {"ThetaRate", c.ThetaRate}, {"Clip", c.Clip}} {
		if !(n.value >= 0) || math.IsInf(n.value, 1) {
			return c, fmt.Errorf("%s is %v, want a positive number or 0", "Config."+n.name, n.value)
		}
	}
	for i, m := range c.Metrics {
		if m.Name == "" || m.Of == nil {
			return c, fmt.Errorf("Config.Metrics[%d] (%q) has no Name or no Of", i, m.Name)
		}
	}
	for i, o := range c.Observers {
		if o == nil {
			return c, fmt.Errorf("Config.Observers[%d] is nil", i)
		}
	}
	if c.Valid == nil && (len(c.Metrics) > 0 || c.Patience > 0) {
		return c, fmt.Errorf("Config.Metrics and Patience need Valid, which is nil")
	}
	if c.Resume && c.Checkpoint == "" {
		return c, fmt.Errorf("Config.Resume needs a Checkpoint, which is empty")
	}
	return c, nil
}

func (c *Config) checkData() error {
	if c.Train == nil && c.Source == nil {
		return fmt.Errorf("Config.Train and Source are nil, want one of them")
	}
	if c.Train != nil {
		if err := c.Train.Check(); err != nil {
			return fmt.Errorf("Config.Train: %w", err)
		}
		c.XShape, c.YShape = c.Train.XShape, c.Train.YShape
	}
	for _, d := range slices.Concat(c.XShape, c.YShape) {
		if d < 1 {
			return fmt.Errorf("Config.XShape %v and YShape %v, want positive dimensions", c.XShape, c.YShape)
		}
	}
	if c.Valid == nil {
		return nil
	}
	if err := c.Valid.Check(); err != nil {
		return fmt.Errorf("Config.Valid: %w", err)
	}
	if !slices.Equal(c.Valid.XShape, c.XShape) || !slices.Equal(c.Valid.YShape, c.YShape) {
		return fmt.Errorf("Config.Valid has inputs of shape %v and targets of %v, training has %v and %v", c.Valid.XShape, c.Valid.YShape, c.XShape, c.YShape)
	}
	return nil
}

// setBatches sets Batch and Source.
func (c *Config) setBatches() error {
	if s, ok := c.Source.(interface{ Size() int }); ok && c.Batch == 0 {
		c.Batch = s.Size()
	}
	if c.Batch == 0 {
		c.Batch = defaultBatch
		if c.Train != nil {
			c.Batch = min(c.Batch, c.Train.Len())
		}
	}
	if c.Source != nil {
		return nil
	}
	b, err := data.NewBatches(c.Train, c.Batch, c.Seed)
	if err != nil {
		return fmt.Errorf("Config.Train: %w", err)
	}
	c.Source = b
	return nil
}

// setSteps sets Steps and EvalEvery.
func (c *Config) setSteps() error {
	perEpoch := c.perEpoch()
	if c.Steps == 0 {
		if c.Epochs == 0 {
			return fmt.Errorf("Config.Steps and Epochs are 0, want one of them")
		}
		if perEpoch == 0 {
			return fmt.Errorf("Config.Epochs is %d, but Source has no StepsPerEpoch: say Steps", c.Epochs)
		}
		if c.Epochs > math.MaxInt/perEpoch {
			return fmt.Errorf("Config.Epochs is %d, which is too many", c.Epochs)
		}
		c.Steps = c.Epochs * perEpoch
	} else if c.Epochs != 0 {
		return fmt.Errorf("Config.Steps is %d and Epochs %d, want one of them", c.Steps, c.Epochs)
	}
	if c.EvalEvery == 0 {
		c.EvalEvery = perEpoch // 0: at the end only
	}
	return nil
}

// perEpoch returns the number of steps of an epoch, 0 if there are none.
func (c *Config) perEpoch() int {
	if e, ok := c.Source.(epochs); ok {
		return e.StepsPerEpoch()
	}
	return 0
}

// groups returns the groups of learnables, each with a solver.
func (c *Config) groups(n models.Network) []models.Group {
	groups := []models.Group{
		{Name: "weights", Nodes: n.Weights(), LearnRate: c.LearnRate, Schedule: c.Schedule},
		{Name: "activations", Nodes: n.ActivationLearnables(), LearnRate: c.LearnRate * c.ThetaRate, Schedule: c.Schedule},
	}
	if c.Groups != nil {
		groups = c.Groups(n)
	}
	for i := range groups {
		if groups[i].Solver == nil {
			groups[i].Solver = models.NewAdam(models.AdamOptions{})
		}
	}
	return groups
}
