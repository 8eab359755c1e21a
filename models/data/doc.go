// Package data holds examples to train networks with: sets in memory, their splits,
// mini-batches and scaling, and readers of files.
//
// A [Set] has the inputs and targets of all examples in float32:
//
//	train, test, err := set.Split(0.8, 1) // stratified by class
//	scaler, err := data.FitScaler(train)  // mean 0, standard deviation 1
//	train, err = scaler.Apply(train)
//	test, err = scaler.Apply(test)
//	batches, err := data.NewBatches(train, 64, 1) // a Source: shuffled anew in every epoch
//
// [ReadTable] reads tables (CSV and ARFF) of numbers, words and times, [ReadFolder] folders of pictures and
// [ReadIDXImages] the files of MNIST; package datasets has named sets. [NoisyLabels],
// [MissingInputs], [ShiftInputs] and [Imbalanced] spoil a set to see what that does.
//
// Everything random follows from a seed: the same call gives the same numbers.
//
// Errors of readers name the file and the record that they are about.
package data
