// Package models holds networks whose activation function is a parameter, the
// fixed and trainable activations to compare with, and a small trainer.
//
// # A network and its activation
//
// A network asks a [Maker] for one activation per layer:
//
//	relu, err := models.Baseline("relu") // models.Baselines() lists the names
//	net, err := models.NewMLP(g, models.MLPConfig{
//		Sizes:      []int{2, 50, 1},
//		Activation: relu,
//		Seed:       1,
//	})
//	y, err := net.Forward(x) // x of shape (batch, 2), y of shape (batch, 1)
//
// Among the baselines are trainable functions of as many parameters as DiTAC has, the plain
// alternatives to it: [PiecewiseLinear], [BSpline], [Rational], [STAF]. [ByName] knows all
// baselines and DiTAC's variants, for programs that take names.
//
// [DiTAC] and [DiTACPerChannel] are the Makers of DiTAC activations, with one θ per
// layer and one per channel. Any function from node to node becomes a Maker by
// [Fixed]; an activation with parameters of its own needs a Maker, which is told its
// [Place] in the network:
//
//	func(p models.Place) (models.Activation, error) {
//		return newSpline(p.Graph, p.Dtype, p.Name)
//	}
//
// # Networks
//
// [MLP], [LeNet] and [ResNet] give a value or logits per example, [UNet] logits per pixel,
// [Coord] values at coordinates; [Generator] and [Discriminator] are the two halves of a
// DCGAN. All are a [Network]: float32 by default, with Save and Load. Their layers are there
// for networks of one's own: [Linear], [Conv2D], [MaxPool2D], [AvgPool2D], [GlobalAvgPool2D],
// [Upsample2D], [NewBatchNorm] and [NewDropout].
//
// Batch normalisation and dropout compute something else in training than in evaluation. A
// network that has them is built for one [Mode]; what training has reached goes to another
// graph, for evaluation or another batch size, by [CopyNetwork]:
//
//	err := models.CopyNetwork(evaluated, trained)
//
// Package models/openblas makes products of matrices faster still.
//
// # Training
//
// Package models/train trains on a data.Set, evaluates, stops early and keeps checkpoints;
// package models/data has the sets and reads them from files, models/datasets has named
// ones, and models/metric says how good outputs are. Below them is the [Trainer]:
//
// [NewTrainer] takes the cost and groups of learnables, each with a solver,
// learning rate and schedule of its own. The rule about θ's rate, and so whether it
// needs another group, net.ActivationLearnables() apart from net.Weights(), is at
// [ditacop.NewSplitSolver]:
//
//	cost, err := models.MSE(y, target)
//	trainer, err := models.NewTrainer(cost,
//		models.Group{Nodes: net.Learnables(), LearnRate: 0.005, Schedule: models.Cosine})
//	defer trainer.Close()
//	result, err := trainer.Run(ctx, 10000, func(step int) error { ... }) // fill the inputs' memory
//
// Losses are [MSE], [CrossEntropy], [BinaryCrossEntropy] and [Dice]; the solver is [Adam]
// unless a group has another.
//
// Gorgonia fixes the batch size of a graph. To evaluate on another number of
// points, build the network again in a second graph and give it the trained
// numbers with [CopyNetwork], or [CopyValues] for nodes that are no Network.
//
// Importing the package also imports go4.org/unsafe/assume-no-moving-gc in a
// version that lets Gorgonia start on today's Go.
package models

import _ "go4.org/unsafe/assume-no-moving-gc" // see above
