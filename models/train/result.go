package train

import "github.com/ditac-go/ditac/models"

// Record is an evaluation.
type Record struct {
	// Step is the number of steps before it, and Epoch that of epochs.
	Step  int
	Epoch float64
	// TrainLoss is the mean of the losses of the steps since the record before.
	TrainLoss float64
	// ValidLoss is the loss of Valid, 0 without Valid: the mean over batches, weighted by
	// their sizes, without penalties.
	ValidLoss float64
	// Metrics are the metrics of Valid, in the order of Config.Metrics.
	Metrics []float64
	// Seconds is the time of training up to it, without breaks.
	Seconds float64
}

// Domain says which part of the inputs of a DiTAC activation lie in its domain [A,B],
// where θ has a say.
type Domain struct {
	// Name is that of the activation; one that is at several places of the network has a
	// Domain for each.
	Name string
	A, B float64
	// Start and End are the fractions before and after training, of the first 1,024
	// examples of Valid, of the first batch without Valid.
	Start, End float64
}

// Result is what a training gave.
type Result struct {
	// Network is the trained network, in the graph of training; it can be saved, and a
	// Predictor takes it.
	Network models.Network
	// Losses are those of all steps, before their updates.
	Losses []float64
	// History are the evaluations, and Best the best of them; without Valid, the last.
	History []Record
	Best    Record
	// Steps is the number of steps made, with those before a resumption.
	Steps int
	// Interrupted says that the context ended training, Stopped that Patience did.
	Interrupted, Stopped bool
	// Seconds is the time of training, with evaluations, with that before a resumption.
	Seconds float64
	// StepSeconds is the median time of a step of this call; 0 if it made none.
	StepSeconds float64
	// Domains are those of the DiTAC activations, from the input to the output.
	Domains []Domain
}
