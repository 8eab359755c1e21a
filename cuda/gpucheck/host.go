//go:build !cuda

package main

import (
	"errors"
	"io"
)

// run has no GPU to check.
func run(config, io.Writer) error {
	return errors.New("this is a build without the GPU: use go run -tags cuda ./cuda/gpucheck (docs/cuda.md says what that needs), or cuda/bench.sh run ./cuda/gpucheck -largest 4096 to see it on the bench")
}
