// Package train trains networks: from data and a loss to a network with its history,
// checkpoints and logs.
//
//	result, err := train.Fit(ctx, train.Config{
//		Network: func(g *gorgonia.ExprGraph, mode models.Mode) (models.Network, error) {
//			return models.NewMLP(g, models.MLPConfig{Sizes: []int{2, 64, 1}, Activation: models.DiTAC(), Seed: 1})
//		},
//		Loss:  models.MSE,
//		Train: trainSet, Valid: validSet,
//		Epochs: 20,
//	})
//
// [Fit] makes the graphs for training and, of whatever size, for evaluation; it takes one
// Adam with a rate for the weights and, if wanted, another for θ; it evaluates, keeps the
// best weights and stops early; it writes a checkpoint from which it goes on, bit for bit,
// after a kill. A [Predictor] computes outputs for any number of inputs, and [Calibrate]
// chooses domains for DiTAC activations by what they see.
//
// What happens is told to observers: [CSVLog], [JSONLog], and the progress bar of package
// models/train/progress.
//
// models.Trainer is the step below, for other loops, such as two networks in turn.
package train
