// How kernels of layers go over their things.
#pragma once
#include "elements.cuh"

// EACH goes over n things, one for each thread at a time.
#define EACH(i, n)                                                                           \
  for (long long i = (long long)BLOCK_X * BLOCK_DIM_X + THREAD_X, step_ = (long long)GRID_DIM_X * BLOCK_DIM_X; i < (n); \
       i += step_)

// blockSum returns the sum of v over the threads of a block, of 256, to all of them. Halves
// are added to halves, the same way whatever the order of the threads.
DEVICE double blockSum(double v) {
  __shared__ double sums[tile];
  BARRIER();  // a sum before this has been read
  sums[THREAD_X] = v;
  #pragma unroll 1
  for (int half = tile / 2; half > 0; half /= 2) {
    BARRIER();
    if (THREAD_X < half) sums[THREAD_X] += sums[THREAD_X + half];
  }
  BARRIER();
  return sums[0];
}

// Groups are the numbers of a tensor outer × groups × length that are of one channel each,
// total = outer·length of them. A block works for one group at a time.
struct Groups {
  int outer, groups, length, total;
};

// EACH_GROUP goes over the groups, one for each block at a time; IN_GROUP over the numbers
// of one, and sets i to where they lie.
#define EACH_GROUP(k, s) for (int k = BLOCK_X; k < (s).groups; k += GRID_DIM_X)
#define IN_GROUP(i, k, s)                                                                            \
  _Pragma("unroll 1")                                                                                \
  for (long long e_ = THREAD_X, i; e_ < (s).total && (i = at((int)e_, (s).length, (s).outer, k, (s).groups), true); e_ += tile)

#define GROUPS long long outer, long long groups, long long length
#define THE_GROUPS \
  Groups { (int)outer, (int)groups, (int)length, (int)(outer * length) }
