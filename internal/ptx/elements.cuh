// What the kernels of the activation share: blocks, and where elements lie.
//
// The elements of a tensor belong to groups with a θ, and so a curve, each: memory is
// outer × groups × length, and run k of a group begins at (k·groups + group)·length. A
// block works for one group: group b mod groups, as part b / groups of those for it.
#pragma once
#include "dialect.cuh"

constexpr int tile = 256;  // threads of a block; for sums elements and pieces, too

// at returns where element e of a group lies.
DEVICE long long at(int e, int length, int outer, int group, int groups) {
  if (outer == 1) return (long long)group * length + e;
  int run = (int)((unsigned)e / (unsigned)length);
  return ((long long)run * groups + group) * length + (e - run * length);
}

// stage copies n numbers to shared memory.
template <class T> DEVICE void stage(T *to, const T *from, int n) {
  for (int i = THREAD_X; i < n; i += BLOCK_DIM_X) to[i] = from[i];
}

// findAll is find for several elements at a time, whose loads need not wait for each other.
template <int count, class T> DEVICE void findAll(const T *tree, int stride, const T *x, int *part) {
#pragma unroll
  for (int j = 0; j < count; j++) part[j] = 1;
  for (int level = 1; level < stride; level *= 2) {
#pragma unroll
    for (int j = 0; j < count; j++) part[j] = 2 * part[j] + (tree[part[j]] <= x[j]);
  }
#pragma unroll
  for (int j = 0; j < count; j++) part[j] -= stride;
}

// find returns the part of x: the last that starts at or left of it. tree has the starts of
// the parts but the first, the middle one first, then those of both halves, and so on. There
// are stride parts, a power of two; NaN starts behind all.
template <class T> DEVICE int find(const T *tree, int stride, T x) {
  int k;
  findAll<1>(tree, stride, &x, &k);
  return k;
}
