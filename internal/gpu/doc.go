// Package gpu launches DiTAC's kernels, the modules ditac and exact of package ptx, in a
// session of package cuda. It has functions in builds with the tag cuda only.
package gpu
