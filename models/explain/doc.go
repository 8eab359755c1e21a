// Package explain says what contributed to what a trained network does: which of its
// activations, and which of the inputs.
//
// [Ablate] sets the learned parameters of single activations back to their start, θ₀, while
// all weights stay as they were trained, and measures the loss on a set:
//
//	ablation, err := explain.Ablate(build, result.Network, valid, models.CrossEntropy, 0)
//	fmt.Println(ablation)
//
// [IntegratedGradients] shares what an output of the network differs by between an input and
// a baseline among the numbers of the input, for any network of package models. With the
// same inputs for networks with ReLU and with DiTAC, it shows side by side what they look at:
//
//	a, err := explain.IntegratedGradients(build, result.Network, x, shape, explain.Options{})
//	heat := a.Pixels(0) // of the first image
//	gap := a.Gap(0)     // how far the sum is from f(x) − f(baseline)
//
// The builder is the one that the network was trained with (train.Config.Network). The
// package draws nothing: models/plots has the pictures of what it returns.
package explain
