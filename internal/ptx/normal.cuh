// The normal distribution, from the table that Normals (normals.go) makes.
#pragma once
#include "dialect.cuh"

template <class T> struct alignas(2 * sizeof(T)) Node {  // loaded at once
  T cdf, pdf;
};

// normal returns Φ(x) and Φ'(x), the way that internal/shape/normal.go does, from nodes at
// k/64 - 8.
template <class T> DEVICE void normal(const T *nodes, T x, T &cdf, T &pdf) {
  if (!(fabs_(x) < 8)) {  // what is left out is less than 1e-15
    cdf = x > 0 ? 1 : x == x ? 0 : x;
    pdf = x == x ? 0 : x;
    return;
  }
  int i = (int)((x + 8) * 64 + (T)0.5);
  T c = i * (T)(1. / 64) - 8, d = x - c, c2 = c * c;
  T he2 = c2 - 1, he3 = c * (c2 - 3), p, q;
  if (sizeof(T) == 4) {  // more is below the rounding of float
    p = 1 - d * (c * (T)(1. / 2) - d * (he2 * (T)(1. / 6)));
    q = 1 - d * (c - d * (he2 * (T)(1. / 2) - d * (he3 * (T)(1. / 6))));
  } else {
    T he4 = c2 * (c2 - 6) + 3, he5 = c * (c2 * (c2 - 10) + 15);
    p = 1 - d * (c * (T)(1. / 2) - d * (he2 * (T)(1. / 6) - d * (he3 * (T)(1. / 24) - d * (he4 * (T)(1. / 120) - d * he5 * (T)(1. / 720)))));
    q = 1 - d * (c - d * (he2 * (T)(1. / 2) - d * (he3 * (T)(1. / 6) - d * (he4 * (T)(1. / 24) - d * he5 * (T)(1. / 120)))));
  }
  Node<T> node = ((const Node<T> *)nodes)[i];
  cdf = node.cdf + node.pdf * d * p;
  pdf = node.pdf * q;
}
