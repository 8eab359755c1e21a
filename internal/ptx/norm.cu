// Batch normalisation of package models. Statistics of a channel are those of a block, in
// double and in a fixed order, without atomic additions; what they make of a number is two or
// three factors per channel, which another kernel applies.
//
// Kernels are launched with blocks of 256 threads and any number of them.
#include "each.cuh"

// statistics returns mean and variance, with n in the denominator, of a channel: those in x,
// or the running ones.
template <class T>
DEVICE void statistics(double &mu, double &v, const T *x, const T *mean, const T *variance, bool training, int k, const Groups &s) {
  if (!training) {
    mu = mean[k], v = variance[k];
    return;
  }
  double sum = 0;
  IN_GROUP(i, k, s) sum += x[i];
  mu = blockSum(sum) / s.total;
  sum = 0;
  IN_GROUP(i, k, s) {
    double d = x[i] - mu;
    sum += d * d;
  }
  v = blockSum(sum) / s.total;
}

// moved returns a running number moved towards another.
template <class T> DEVICE T moved(T running, double to, double momentum) { return (T)((1 - momentum) * (double)running + momentum * to); }

// factors sets a and b of each channel, by which y = a·x + b, and, in training, what becomes of
// the running statistics.
template <class T>
DEVICE void factors(T *ab, const T *x, const T *scale, const T *mean, const T *variance, bool training, double eps, const T *shift,
                    T *nextMean, T *nextVariance, double momentum, const Groups &s) {
  EACH_GROUP(k, s) {
    double mu, v;
    statistics(mu, v, x, mean, variance, training, k, s);
    if (THREAD_X != 0) continue;
    if (training) {
      nextMean[k] = moved(mean[k], mu, momentum);
      nextVariance[k] = moved(variance[k], v * s.total / (s.total - 1.0), momentum);
    }
    double factor = (double)scale[k] / sqrt_(v + eps);
    ab[k] = (T)factor;
    ab[s.groups + k] = (T)((double)shift[k] - factor * mu);
  }
}

template <class T> DEVICE void apply(T *y, const T *x, const T *ab, const Groups &s) {
  EACH(i, (long long)s.groups * s.total) {
    int k = (int)(i / s.length % s.groups);
    y[i] = ab[k] * x[i] + ab[s.groups + k];
  }
}

// gradients sets, for each channel, a, b and d, by which the gradient to x is a·g + (b·x + d):
// scale·inv·(g - mean(g) - x̂·mean(g·x̂)) in training, scale·inv·g else. Or it sets the gradient
// to the scale, the sum of g·x̂. x̂ is (x - mu)·inv.
template <class T>
DEVICE void gradients(T *abd, T *dscale, const T *g, const T *x, const T *scale, const T *mean, const T *variance, bool training,
                      double eps, const Groups &s) {
  EACH_GROUP(k, s) {
    double mu, v;
    statistics(mu, v, x, mean, variance, training, k, s);
    double inv = 1 / sqrt_(v + eps), plain = 0, normed = 0;
    if (training || dscale) {
      IN_GROUP(i, k, s) plain += g[i], normed += (double)g[i] * (x[i] - mu);
      plain = blockSum(plain);
      normed = blockSum(normed) * inv;
    }
    if (THREAD_X != 0) continue;
    if (dscale) {
      dscale[k] = (T)normed;
      continue;
    }
    double factor = (double)scale[k] * inv, slope = training ? factor * inv * normed / s.total : 0;
    abd[k] = (T)factor;
    abd[s.groups + k] = (T)-slope;
    abd[2 * s.groups + k] = training ? (T)(slope * mu - factor * plain / s.total) : (T)0;
  }
}

template <class T> DEVICE void applyDx(T *dx, const T *x, const T *g, const T *abd, const Groups &s) {
  EACH(i, (long long)s.groups * s.total) {
    int k = (int)(i / s.length % s.groups);
    dx[i] = abd[k] * g[i] + (abd[s.groups + k] * x[i] + abd[2 * s.groups + k]);
  }
}

#define STATISTICS(T) const T *x, const T *scale, const T *mean, const T *variance, long long training, double eps

#define NORM(suffix, T)                                                                                              \
  KERNEL_OF(tile) factors_##suffix(T *ab, STATISTICS(T), const T *shift, T *nextMean,             \
                                   T *nextVariance, double momentum, GROUPS) {                                       \
    factors(ab, x, scale, mean, variance, training != 0, eps, shift, nextMean, nextVariance, momentum, THE_GROUPS);      \
  }                                                                                                                       \
  KERNEL_OF(tile) apply_##suffix(T *y, const T *x, const T *ab, GROUPS) { apply(y, x, ab, THE_GROUPS); }  \
  KERNEL_OF(tile) gradients_##suffix(T *abd, T *dscale, const T *g, STATISTICS(T), GROUPS) {      \
    gradients(abd, dscale, g, x, scale, mean, variance, training != 0, eps, THE_GROUPS);                                 \
  }                                                                                                                       \
  KERNEL_OF(tile) apply_dx_##suffix(T *dx, const T *x, const T *g, const T *abd, GROUPS) {           \
    applyDx(dx, x, g, abd, THE_GROUPS);                                                                                   \
  }

NORM(f32, float)
NORM(f64, double)
