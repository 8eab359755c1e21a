// Sums and means over groups of numbers, as channels of images, of package models. They are
// made in double, in a fixed order, without atomic additions.
//
// Kernels are launched with blocks of 256 threads and any number of them.
#include "each.cuh"

// sums sets dst to the sums of the groups, divided by a number.
template <class T> DEVICE void sums(T *dst, const T *x, double divisor, const Groups &s) {
  EACH_GROUP(k, s) {
    double sum = 0;
    IN_GROUP(i, k, s) sum += x[i];
    sum = blockSum(sum);
    if (THREAD_X == 0) dst[k] = (T)(sum / divisor);
  }
}

// part_sums sets a number for each block to the sum of what its threads come by.
template <class T> DEVICE void partSums(double *parts, const T *x, long long n) {
  double sum = 0;
  EACH(i, n) sum += x[i];
  sum = blockSum(sum);
  if (THREAD_X == 0) parts[BLOCK_X] = sum;
}

// quotient sets *dst to the sum of n numbers, by one block, divided by a number.
template <class T> DEVICE void quotient(T *dst, const double *x, double divisor, long long n) {
  double sum = 0;
  EACH(i, n) sum += x[i];
  sum = blockSum(sum);
  if (THREAD_X == 0) *dst = (T)(sum / divisor);
}

// spread sets each of count numbers of a group, which lie together, to the group's g/count.
template <class T> DEVICE void spread(T *dst, const T *g, long long groups, long long count) {
  EACH(i, groups * count) dst[i] = g[i / count] / (T)count;
}

#define SUMS(suffix, T)                                                                                                    \
  KERNEL_OF(tile) sums_##suffix(T *dst, const T *x, double divisor, GROUPS) { sums(dst, x, divisor, THE_GROUPS); }       \
  KERNEL_OF(tile) part_sums_##suffix(double *parts, const T *x, long long n) { partSums(parts, x, n); }                  \
  KERNEL_OF(tile) quotient_##suffix(T *dst, const double *x, double divisor, long long n) { quotient(dst, x, divisor, n); } \
  KERNEL_OF(tile) spread_##suffix(T *dst, const T *g, long long groups, long long count) { spread(dst, g, groups, count); }

SUMS(f32, float)
SUMS(f64, double)
