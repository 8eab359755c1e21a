// Package tensorboard writes trainings to TensorBoard's event files.
//
//	result, err := train.Fit(ctx, train.Config{…, Observers: []train.Observer{tensorboard.Log("runs/first")}})
//
// then tensorboard --logdir runs. There are scalars of the loss, the evaluations and, per
// activation, of the norms of θ and its gradient, the in-domain fraction and the penalty, and
// histograms of what activations see.
//
// A [Writer] writes scalars, histograms and pictures of one's own.
//
// The format is that of TensorFlow: records (tensorflow/core/lib/io/record_writer.h) of the
// protocol buffer Event (tensorflow/core/util/event.proto) with Summary
// (tensorflow/core/framework/summary.proto). Nothing of TensorFlow is needed to write it. The
// tests read the files back by the wire format of protocol buffers and by the checksums'
// definition; TensorBoard itself has not read them in a test, because no package of it could be
// had where they were written (it is on PyPI alone).
package tensorboard
