// Package dashboard shows trainings in a browser, while they run and afterwards.
//
//	board, err := dashboard.Start(dashboard.Options{Dir: "runs"})
//	defer board.Close()
//	fmt.Println("see", board.URL())
//	result, err := train.Fit(ctx, train.Config{…, Observers: []train.Observer{board.Run("first")}})
//
// The page has loss, metrics and throughput of several runs side by side and, per activation,
// what it is now and was at the start, what it sees, which part of that lies in the domain,
// and the norms of θ and of its gradient. It is in the binary and loads nothing from
// elsewhere.
//
// What contributed to the trained network, as models/explain measures it, comes on the page by
// Explain: the loss with each activation set back to its start, and pictures of what the inputs
// contribute.
//
// What a run shows is kept in a file in Dir, NAME.run.jsonl, to which lines are added; Start
// with the same Dir shows it again, and follows what the trainings of other processes add to
// the folder. Long runs are kept in less detail: two neighbouring
// points become one whenever there are too many, so that memory has a bound and files grow
// with the logarithm of the number of steps.
//
// The board answers only to this machine, unless Options.Addr says otherwise, which needs a
// Token. It only reads. Whatever a client does, a training goes on: what it may wait for is
// that a series is copied in memory, never a client's network.
//
// A training pays a note in memory for each step, below a microsecond (BenchmarkStep), and the
// inspections of its activations: one more is made, at most once a second, only if all since
// the start, counting the next as long as the last, took at most 0.3 s and 1 % of the time. The
// inspections at the start, which makes a graph, and at the end come on top. BenchmarkSlowing
// measures what all of it takes of a training.
package dashboard
