// The parts of a curve as the kernels on elements take them, in the type of the elements:
// a part is a segment of the flow, or what lies beyond the domain. There are stride of them,
// a power of two, of which those behind the last have no elements.
//
// With d = x - center, z = alpha·d, ℓ = 1 + z the ratio of the velocities at x and center, and
// w = beta·d·L(z), the ratio's logarithm after the flow (for L and E see series.cuh),
//
//	φ(x) = phi + rise·d·L(z)·E(w),  φ'(x) = rise·e^w/ℓ.
//
// center is where the velocity is least in the part, so that ℓ loses no digits; or, where φ
// is affine, alpha = beta = 0.
#pragma once
#include "elements.cuh"
#include "normal.cuh"
#include "series.cuh"

// Parts are where these lie: first the tree by which an element finds its part (find in
// elements.cuh), then each number of all parts, in whose order banks of shared memory are.
template <class T> struct Parts {
  T *excess;  // the amplification less 1
  T *tree, *center, *phi, *rise, *alpha, *beta;
  int stride;
};

constexpr int partsHead = 4;  // for the rest to be aligned

// partsSize is how many numbers the parts of a curve take.
DEVICE long long partsSize(int stride) { return partsHead + 6 * (long long)stride; }

template <class T> DEVICE Parts<T> partsAt(T *memory, int stride) {
  T *p = memory + partsHead;
  return {memory, p, p + stride, p + 2 * stride, p + 3 * stride, p + 4 * stride, p + 5 * stride, stride};
}

// Way is what the gradient to θ wants of a part, with distances in widths of a cell: how its
// trajectories go (termsOf in ditac.cu).
enum Kind { outside, inCell, leaving };
template <class T> struct alignas(16) Way {
  T kind, center, alpha, perSpeed;  // width ÷ velocity at center
  T rest, lastSlope, entry, entryAt;
  T gap, kappa, ratio, none;        // distance to the exit, slope·width ÷ exit less the sign, velocity at center ÷ exit
};
