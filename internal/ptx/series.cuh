// The smooth quotients that the closed forms of a flow are made of (internal/flow/series.go),
// without cancellation: where their arguments are small, from the tails of the series that
// exp and log of math.cuh are made of.
#pragma once
#include "math.cuh"

// expParts returns e^w, E(w) = (e^w - 1)/w and F(w) = (e^w - E(w))/w, with E(0) = 1 and
// F(0) = 1/2.
template <class T> DEVICE void expParts(T w, T &growth, T &e, T &f) {
  if (fabs_(w) <= (T)0.34) {  // e^w = 1 + w + w²/2 + w³·tail
    T tail = Real<T>::expTail(w);
    e = fma_(w, fma_(w, tail, (T)0.5), (T)1);
    f = fma_(w, fma_(w, tail, (T)0.5 - tail), (T)0.5);
    growth = fma_(w, e, (T)1);
    return;
  }
  growth = exp_(w);
  e = (growth - 1) / w;
  f = (growth - e) / w;
}

// near says whether logParts has its series for z, which log1p_ has no need of.
template <class T> DEVICE bool near(T z) { return z > (T)-0.29 && z < (T)0.41; }

// logOver returns L(z) = log(1+z)/z, L(0) = 1, for z > -1.
template <class T> DEVICE T logOver(T z) {
  if (!near(z)) return log1p_(z) / z;
  T s = z / (2 + z);  // log(1+z) = 2s + s³·tail
  return (1 - s) * fma_(s * s, (T)0.5 * Real<T>::logTail(s * s), (T)1);
}

// rampOver returns G(z) = (log(1+z) - z/(1+z))/z², G(0) = 1/2, for z > -1; y is 1 + z.
template <class T> DEVICE T rampOver(T z, T y) {
  if (!near(z)) return (log_(y) - z / y) / (z * z);
  T s = z / (2 + z);  // z/(1+z) = 2s/(1+s)
  return (T)0.25 * (1 - s) * (1 - s) * fma_(s, Real<T>::logTail(s * s), 2 / (1 + s));
}
