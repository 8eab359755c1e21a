//go:build !noasm

package kernel

import "golang.org/x/sys/cpu"

func init() {
	paths = append(paths, &path{
		name:      "avx2",
		supported: func() bool { return cpu.X86.HasAVX2 && cpu.X86.HasFMA }, // all that have the one have the other
		lanes:     8,
		forward:   forwardAVX2,
		backwardX: backwardXAVX2,
		moments:   momentsAVX2,
		lines:     linesAVX2,
		slopes:    slopesAVX2,
		quads:     quadsAVX2,
		pour:      pourAVX2,
		forms: &formKernels{
			lanes:     4,
			find:      findFormsAVX2,
			forward:   forwardFormsAVX2,
			backwardX: backwardXFormsAVX2,
			sums:      sumsFormsAVX2,
		},
		forms32: &form32Kernels{
			lanes:     8,
			forward:   forwardForms32AVX2,
			backwardX: backwardXForms32AVX2,
			sums:      sumsForms32AVX2,
		},
	})
}
