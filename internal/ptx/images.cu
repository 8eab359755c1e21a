// What package models does with images but convolutions and pooling: it makes them larger and
// puts channels behind each other. Sums are in the order of the Go code.
//
// Kernels are launched with blocks of 256 threads and any number of them.
#include "each.cuh"

// upsample sets each of lines·factor lines of width·factor numbers to what x has at the place
// divided by factor.
template <class T> DEVICE void upsample(T *dst, const T *x, long long lines, long long width, long long factor) {
  EACH(i, lines * factor * width * factor) {
    long long column = i / factor, line = column / width / factor;
    dst[i] = x[line * width + column % width];
  }
}

// upsample_dx sums the gradients of equal pixels, row by row.
template <class T> DEVICE void upsampleDx(T *dst, const T *g, long long lines, long long width, long long factor) {
  EACH(i, lines * width) {
    const T *from = g + i / width * factor * width * factor + i % width * factor;
    T sum = 0;
    for (long long r = 0; r < factor; r++)
      for (long long c = 0; c < factor; c++) sum += from[r * width * factor + c];
    dst[i] = sum;
  }
}

// join puts, for each image, m numbers of a and then n of b behind each other.
template <class T> DEVICE void join(T *dst, const T *a, const T *b, long long images, long long m, long long n) {
  EACH(i, images * (m + n)) {
    long long image = i / (m + n), at = i % (m + n);
    dst[i] = at < m ? a[image * m + at] : b[image * n + at - m];
  }
}

// take takes, of each image's whole numbers, n from the given place on.
template <class T> DEVICE void take(T *dst, const T *x, long long images, long long n, long long whole, long long from) {
  EACH(i, images * n) dst[i] = x[i / n * whole + from + i % n];
}

#define IMAGES(suffix, T)                                                                                                    \
  KERNEL_OF(tile) upsample_##suffix(T *dst, const T *x, long long lines, long long width, long long factor) {              \
    upsample(dst, x, lines, width, factor);                                                                                  \
  }                                                                                                                          \
  KERNEL_OF(tile) upsample_dx_##suffix(T *dst, const T *g, long long lines, long long width, long long factor) {           \
    upsampleDx(dst, g, lines, width, factor);                                                                                \
  }                                                                                                                          \
  KERNEL_OF(tile) join_##suffix(T *dst, const T *a, const T *b, long long images, long long m, long long n) {              \
    join(dst, a, b, images, m, n);                                                                                           \
  }                                                                                                                          \
  KERNEL_OF(tile) take_##suffix(T *dst, const T *x, long long images, long long n, long long whole, long long from) {      \
    take(dst, x, images, n, whole, from);                                                                                    \
  }

IMAGES(f32, float)
IMAGES(f64, double)
