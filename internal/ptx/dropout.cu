// Dropout of package models: a number's bit of the mask is made from a counter, as in the Go
// code, with no state but the count of passes.
//
// Kernels are launched with blocks of 256 threads and any number of them.
#include "each.cuh"

// mix spreads the bits of a counter over a uniform random number, as models' mix.
DEVICE unsigned long long mix(unsigned long long x) {
  x = (x + 1) * 0x9e3779b97f4a7c15ull;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ x >> 27) * 0x94d049bb133111ebull;
  return x ^ x >> 31;
}

// next counts a pass, from most on again from 0, and sets what its mask is made from.
template <class T> DEVICE void next(unsigned long long *key, T *to, const T *count, unsigned long long seed, double most) {
  if (BLOCK_X != 0 || THREAD_X != 0) return;
  double c = (double)*count + 1;
  c -= floor_(c / most) * most;
  *to = (T)c;
  *key = mix(seed ^ mix((unsigned long long)(long long)c));
}

// mask sets dst to x·scale where the mask keeps it, else to 0.
template <class T>
DEVICE void mask(T *dst, const T *x, const unsigned long long *key, double scale, unsigned long long limit, long long n) {
  unsigned long long k = *key;
  EACH(i, n) dst[i] = mix(k + (unsigned long long)i) >> 32 < limit ? (T)0 : x[i] * (T)scale;
}

#define DROPOUT(suffix, T)                                                                                                \
  KERNEL_OF(tile) next_##suffix(unsigned long long *key, T *to, const T *count, unsigned long long seed, double most) {  \
    next(key, to, count, seed, most);                                                                                     \
  }                                                                                                                       \
  KERNEL_OF(tile) mask_##suffix(T *dst, const T *x, const unsigned long long *key, double scale,                         \
                                unsigned long long limit, long long n) {                                                  \
    mask(dst, x, key, scale, limit, n);                                                                                   \
  }

DROPOUT(f32, float)
DROPOUT(f64, double)
