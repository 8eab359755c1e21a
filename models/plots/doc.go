// Package plots draws what there is to see of a network with trainable activations: what
// they learned, how they came to it, and how good the network is. It draws with gonum/plot.
//
//	exact, err := activation.Exact(0) // of a ditacop.Activation
//	figure, err := plots.Activation("first layer", exact, plots.ActivationOptions{})
//	err = figure.Save("first.png") // or .svg
//
// Of one activation: [Activation] (the curve and its derivative, beside known activations and
// its start), [Field] (velocity field and flow lines), [Transform] (T against the identity),
// [Inputs] (what it sees, and how much of it lies in the domain), [Nearest] and [Distances]
// (which known activation it is like). Of all activations of a network: [Layers], and, from
// what a [Recorder] noted during training, [Evolution] (a heat map) and [Animate] (a GIF). Of
// trainings and classifiers: [Losses], [Lines], [Images], [Confusion], [HeatMap],
// and of what contributed to an output (models/explain) [HeatGrid], [Heat] and
// [Bars].
//
// A [Figure] is the value of a notebook's cell: it has the method PNG, by which gophernotes
// shows it, and String. Colours are told apart by most colour-blind eyes; ticks are at round
// numbers; heat maps have a colour bar.
//
// Users of the activation alone, package ditacop, do not depend on this package.
package plots
