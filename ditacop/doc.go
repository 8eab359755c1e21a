// Package ditacop adds trainable DiTAC activations to Gorgonia graphs.
//
// DiTAC (Chelly, Finder, Ifergane, Freifeld, "Trainable Highly-expressive
// Activation Functions", ECCV 2024, arXiv 2407.07564) is an activation function
// whose shape is learned: with T the CPAB transformation of the domain [a,b]
// with parameters θ, and Φ the standard normal distribution function,
//
//	y = x̃·Φ(x),  x̃ = T(x) for a ≤ x ≤ b, x̃ = x outside
//
// The default has 60 cells on [−3,3] and so 59 parameters, with the basis cpab.BasisHat.
// With θ = 0, where it starts, it is GELU.
//
// # Swapping it in
//
// In an existing graph, replace
//
//	h, err := gorgonia.Rectify(x)
//
// by
//
//	h, err := ditacop.DiTAC(x)
//
// and append ditacop.Learnables(g) to the nodes that you differentiate and
// train. That is all. For layer libraries that take an activation as a
// func(*gorgonia.Node) (*gorgonia.Node, error), Func(opts...) is DiTAC with its
// options set.
//
// Two things to know, as a fixed activation has no parameters and DiTAC does:
//
//   - A second graph of the same network, say for another batch size, starts with
//     θ = 0: it is GELU, and nothing tells. Bring the weights and θ there with
//     CopyLearnables, which takes all learnables in one call.
//   - Every call of DiTAC makes a θ. In the loop of an unrolled recurrent network
//     that is one per time step: call New before the loop, and Apply in it.
//
// # More control
//
//   - New returns an Activation, which can be applied at several places that
//     then share θ, and evaluated outside the graph (Eval, Exact).
//   - Options choose the variant, domain, cells, basis, boundary and
//     initialisation, and one θ per layer, channel or group of channels.
//   - Penalty returns the smoothness penalty λ·θᵀΣ⁻¹θ, a node to add to the
//     cost.
//   - NewSplitSolver gives θ a learning rate of its own, which it does not need with
//     the default basis; the rule is there.
//
// # Keeping θ
//
//   - Save and Load write and read all learnables of a network, weights and θ, in a
//     safetensors file with a checksum. A θ comes with the settings that give it its
//     meaning, and an activation with other settings refuses it. LoadByName takes
//     what fits by name, LoadActivation one activation.
//   - State is an activation as plain data, for JSON, gob and databases; FromState
//     makes the activation again.
//   - A clone of a graph (its method Clone) has activations with θ of their own:
//     Learnables, Activations and Penalty find them. Clones can train at the same
//     time in other goroutines. Make the Read statements in the clone: those of the
//     original write to the same variable.
//
// The op works in a TapeMachine and in a LispMachine, on float32 and float64
// tensors of any rank. ±Inf and NaN elements come out as the mathematics says:
// y(−Inf) = −0 and y(+Inf) = +Inf for the default variant; NaN stays NaN. A θ
// with NaN or Inf is an error of the run, not a value to train on. An x that is NaN, or an
// upstream gradient that is NaN or infinite, makes the gradient to x NaN at that element
// and the gradient to its θ NaN in all components, by tables, in closed form and on the GPU
// alike.
//
// float32 tensors are evaluated by a table of the curve, within WithTolerance; float64
// ones, and those of few elements per θ, in closed form, which is off by rounding only. In a
// build with the tag cuda the op runs on the GPU: see package cuda.
//
// Importing the package also imports go4.org/unsafe/assume-no-moving-gc in a
// version that lets Gorgonia start on today's Go.
package ditacop

import _ "go4.org/unsafe/assume-no-moving-gc" // see above
