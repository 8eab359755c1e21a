// Package openblas lets the networks of package models, and Gorgonia, multiply matrices by
// OpenBLAS. Import it for its effect:
//
//	import _ "github.com/ditac-go/ditac/models/openblas"
//
// Without the build tag openblas it does nothing, and needs nothing: products are those of
// gonum and of the kernel of package models. With the tag it registers the library, through
// gonum.org/v1/netlib and cgo, with gonum's blas32 and blas64, with gorgonia.org/tensor and
// with gorgonia.org/gorgonia. On Debian or Ubuntu:
//
//	apt-get install libopenblas-dev
//	CGO_LDFLAGS=-lopenblas go build -tags openblas ./...
//
// OpenBLAS gets one thread of its own: the layers of package models spread a batch over the
// processors themselves, and more would only wait for each other. Set OPENBLAS_NUM_THREADS
// to something else if most products of a program are Gorgonia's own.
//
// Numbers differ from those without by rounding, and from one processor to another by what
// kernels OpenBLAS chooses there.
package openblas
