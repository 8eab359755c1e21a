// The normal distribution, from the table that Normals (exact.go) makes.
#pragma once
#include "dialect.cuh"

// normal returns Φ(x) and Φ'(x), the way that internal/shape/normal.go does, from nodes at
// k/64 - 8.
DEVICE void normal(const double *nodes, double x, double &cdf, double &pdf) {
  if (!(fabs_(x) < 8)) {  // what is left out is less than 1e-15
    cdf = x > 0 ? 1 : x == x ? 0 : x;
    pdf = x == x ? 0 : x;
    return;
  }
  int i = (int)((x + 8) * 64 + 0.5);
  double c = i * (1. / 64) - 8, d = x - c, c2 = c * c;
  double he2 = c2 - 1, he3 = c * (c2 - 3), he4 = c2 * (c2 - 6) + 3, he5 = c * (c2 * (c2 - 10) + 15);
  double p = 1 - d * (c * (1. / 2) - d * (he2 * (1. / 6) - d * (he3 * (1. / 24) - d * (he4 * (1. / 120) - d * he5 * (1. / 720)))));
  double q = 1 - d * (c - d * (he2 * (1. / 2) - d * (he3 * (1. / 6) - d * (he4 * (1. / 24) - d * he5 * (1. / 120)))));
  cdf = nodes[2 * i] + nodes[2 * i + 1] * d * p;
  pdf = nodes[2 * i + 1] * q;
}
