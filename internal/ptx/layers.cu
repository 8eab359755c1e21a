// Layers of package models: the bias of linear layers, fixed activations, pooling. They compute what the Go code of models computes, with the same
// bits where that is additions, multiplications and comparisons; functions are those of
// math.cuh. Sums are in a fixed order, without atomic additions.
//
// Kernels are launched with blocks of 256 threads and any number of them.
#include "each.cuh"
#include "math.cuh"
#include "normal.cuh"

// add_bias adds b to each row of y.
template <class T> DEVICE void addBias(T *y, const T *b, long long rows, long long columns) {
  EACH(i, rows * columns) y[i] += b[i % columns];
}

// bias_gradient sums the rows of g, from the first on.
template <class T> DEVICE void biasGradient(T *dst, const T *g, long long rows, long long columns) {
  EACH(j, columns) {
    T sum = 0;
    for (long long i = 0; i < rows; i++) sum += g[i * columns + j];
    dst[j] = sum;
  }
}

// times returns x·w, and 0 for w = 0 unless x is NaN, as models' times.
template <class T> DEVICE T times(T x, T w) {
  if (w == 0 && x == x) return x < 0 ? (T)-0. : (T)0;
  return x * w;
}

// logistic returns σ(x) and σ'(x) without loss of a tail.
template <class T> DEVICE T logistic(T x, T &slope) {
  T e = exp_(-fabs_(x)), r = 1 / (1 + e);
  slope = e * r * r;
  if (x != x) slope = x;
  return x < 0 ? e * r : r;
}

// Functions of models/functions.go: value and slope of x with a parameter p. nodes are
// those of normal.
struct Relu {
  template <class T> DEVICE T value(T x, T, const double *) { return x < 0 ? 0 : x; }
  template <class T> DEVICE T slope(T x, T, const double *) { return x > 0 ? 1 : x <= 0 ? 0 : x; }
};
struct Leaky {
  template <class T> DEVICE T value(T x, T p, const double *) { return x > 0 ? x : times(x, p); }
  template <class T> DEVICE T slope(T x, T p, const double *) { return x > 0 ? 1 : x <= 0 ? p : x; }
  template <class T> DEVICE T slopeToParameter(T x, T) { return x > 0 ? 0 : x; }
};
struct Elu {
  template <class T> DEVICE T value(T x, T p, const double *) { return x > 0 ? x : p * expm1_(x); }
  template <class T> DEVICE T slope(T x, T p, const double *) { return x > 0 ? 1 : p * exp_(x); }
};
struct Gelu {
  template <class T> DEVICE T value(T x, T, const double *nodes) {
    double w, d;
    normal(nodes, (double)x, w, d);
    return (T)times((double)x, w);
  }
  template <class T> DEVICE T slope(T x, T, const double *nodes) {
    double w, d;
    normal(nodes, (double)x, w, d);
    return (T)(w + times((double)x, d));
  }
};
struct Silu {
  template <class T> DEVICE T value(T x, T p, const double *) {
    T d;
    return times(x, logistic(times(x, p), d));
  }
  template <class T> DEVICE T slope(T x, T p, const double *) {
    T z = times(x, p), d, s = logistic(z, d);
    return s + times(z, d);
  }
  template <class T> DEVICE T slopeToParameter(T x, T p) {
    T d;
    logistic(times(x, p), d);
    return times(x * x, d);
  }
};
struct Mish {
  // gate is tanh(softplus(x)), see mishGate.
  template <class T> DEVICE T gate(T x, T &slope) {
    T e = exp_(x), n = e * (e + 2);
    slope = 4 * e * (1 + e) / ((n + 2) * (n + 2));
    return n / (n + 2);
  }
  template <class T> DEVICE T value(T x, T, const double *) {
    T d;
    return x > 20 ? x : times(x, gate(x, d));
  }
  template <class T> DEVICE T slope(T x, T, const double *) {
    if (x > 20) return 1;
    T d, w = gate(x, d);
    return w + times(x, d);
  }
};
struct Softplus {
  template <class T> DEVICE T value(T x, T, const double *) { return softplus_(x); }
  template <class T> DEVICE T slope(T x, T, const double *) {
    T d;
    return logistic(x, d);
  }
};
struct Tanh {
  template <class T> DEVICE T value(T x, T, const double *) { return tanh_(x); }
  template <class T> DEVICE T slope(T x, T, const double *) {
    T d;
    logistic(2 * x, d);
    return 4 * d;
  }
};

// The parameter is *trained if that is not null, else p.
#define ACTIVATION(name, Function, suffix, T)                                                                            \
  KERNEL_OF(tile) name##_##suffix(T *dst, const T *x, const T *trained, double p, const double *nodes, long long n) {   \
    T q = trained ? trained[0] : (T)p;                                                                                   \
    EACH(i, n) dst[i] = Function::value(x[i], q, nodes);                                                                 \
  }                                                                                                                      \
  KERNEL_OF(tile) name##_dx_##suffix(T *dst, const T *x, const T *g, const T *trained, double p, const double *nodes,   \
                                     long long n) {                                                                      \
    T q = trained ? trained[0] : (T)p;                                                                                   \
    EACH(i, n) dst[i] = g[i] * Function::slope(x[i], q, nodes);                                                          \
  }

// A block's number of parts becomes its sum of g times the derivative to the parameter.
#define TRAINED(name, Function, suffix, T)                                                                               \
  KERNEL_OF(tile) name##_dp_##suffix(double *parts, const T *x, const T *g, const T *trained, long long n) {            \
    T p = trained[0];                                                                                                    \
    double sum = 0;                                                                                                      \
    EACH(i, n) sum += (double)g[i] * Function::slopeToParameter((double)x[i], (double)p);                                \
    sum = blockSum(sum);                                                                                                 \
    if (THREAD_X == 0) parts[BLOCK_X] = sum;                                                                             \
  }

// Windows are k×k, step apart, of planes of height×width; there are down×across of them.
// Places in a plane are counted in 32 bits, as they need half the registers.
struct Windows {
  long long planes;
  int height, width, down, across, k, step;
};

// largestOf returns where the largest number of a window lies, the first of several, or a
// NaN. The window starts at row, column of the plane.
template <class T> DEVICE int largestOf(const T *plane, const Windows &w, int row, int column) {
  int start = row * w.width + column, at = start;
  T best = plane[at];
  #pragma unroll 1
  for (int i = 0; i < w.k; i++)
    #pragma unroll 1
    for (int j = 0; j < w.k; j++) {
      T e = plane[start + i * w.width + j];
      if (e > best || (e != e && best == best)) best = e, at = start + i * w.width + j;
    }
  return at;
}

template <class T> DEVICE void maxPool(T *dst, const T *x, const Windows &w) {
  EACH(i, w.planes * w.down * w.across) {
    long long row = i / w.across, plane = row / w.down;
    const T *p = x + plane * w.height * w.width;
    dst[i] = p[largestOf(p, w, (int)(row % w.down) * w.step, (int)(i % w.across) * w.step)];
  }
}

// firstWindow returns the first of the windows, down or across, that reach a place.
DEVICE int firstWindow(int place, const Windows &w) { return place < w.k ? 0 : (place - w.k) / w.step + 1; }

// max_pool_dx sums, for each number of x, the gradients of the windows that have it as
// their largest, in the order of the windows.
template <class T> DEVICE void maxPoolDx(T *dst, const T *x, const T *g, const Windows &w) {
  EACH(i, w.planes * w.height * w.width) {
    long long line = i / w.width, plane = line / w.height;
    int row = (int)(line % w.height), column = (int)(i % w.width), left = firstWindow(column, w);
    const T *p = x + plane * w.height * w.width, *q = g + plane * w.down * w.across;
    T sum = 0;
    #pragma unroll 1
    for (int a = firstWindow(row, w); a < w.down && a * w.step <= row; a++)
      #pragma unroll 1
      for (int b = left; b < w.across && b * w.step <= column; b++)
        if (largestOf(p, w, a * w.step, b * w.step) == row * w.width + column) sum += q[a * w.across + b];
    dst[i] = sum;
  }
}

template <class T> DEVICE void meanPool(T *dst, const T *x, const Windows &w) {
  T scale = (T)1 / (T)(w.k * w.k);
  EACH(i, w.planes * w.down * w.across) {
    long long row = i / w.across, plane = row / w.down;
    const T *p = x + (plane * w.height + row % w.down * w.step) * w.width + i % w.across * w.step;
    T sum = 0;
    for (int a = 0; a < w.k; a++)
      for (int b = 0; b < w.k; b++) sum += p[a * w.width + b];
    dst[i] = sum * scale;
  }
}

template <class T> DEVICE void meanPoolDx(T *dst, const T *g, const Windows &w) {
  T scale = (T)1 / (T)(w.k * w.k);
  EACH(i, w.planes * w.height * w.width) {
    long long line = i / w.width, plane = line / w.height;
    int row = (int)(line % w.height), column = (int)(i % w.width), left = firstWindow(column, w);
    const T *q = g + plane * w.down * w.across;
    T sum = 0;
    for (int a = firstWindow(row, w); a < w.down && a * w.step <= row; a++)
      for (int b = left; b < w.across && b * w.step <= column; b++) sum += q[a * w.across + b] * scale;
    dst[i] = sum;
  }
}

#define WINDOWS long long planes, long long height, long long width, long long down, long long across, long long k, long long step
#define THE_WINDOWS Windows{planes, (int)height, (int)width, (int)down, (int)across, (int)k, (int)step}

#define LAYERS(suffix, T)                                                                                              \
  KERNEL_OF(tile) add_bias_##suffix(T *y, const T *b, long long rows, long long columns) { addBias(y, b, rows, columns); } \
  KERNEL_OF(tile) bias_gradient_##suffix(T *dst, const T *g, long long rows, long long columns) {                     \
    biasGradient(dst, g, rows, columns);                                                                               \
  }                                                                                                                    \
  ACTIVATION(relu, Relu, suffix, T)                                                                                    \
  ACTIVATION(leaky, Leaky, suffix, T)                                                                                  \
  TRAINED(leaky, Leaky, suffix, T)                                                                                     \
  TRAINED(silu, Silu, suffix, T)                                                                                       \
  ACTIVATION(elu, Elu, suffix, T)                                                                                      \
  ACTIVATION(gelu, Gelu, suffix, T)                                                                                    \
  ACTIVATION(silu, Silu, suffix, T)                                                                                    \
  ACTIVATION(mish, Mish, suffix, T)                                                                                    \
  ACTIVATION(softplus, Softplus, suffix, T)                                                                            \
  ACTIVATION(tanh, Tanh, suffix, T)                                                                                    \
  KERNEL_OF(tile) max_pool_##suffix(T *dst, const T *x, WINDOWS) { maxPool(dst, x, THE_WINDOWS); }                     \
  KERNEL_OF(tile) max_pool_dx_##suffix(T *dst, const T *x, const T *g, WINDOWS) { maxPoolDx(dst, x, g, THE_WINDOWS); } \
  KERNEL_OF(tile) mean_pool_##suffix(T *dst, const T *x, WINDOWS) { meanPool(dst, x, THE_WINDOWS); }                   \
  KERNEL_OF(tile) mean_pool_dx_##suffix(T *dst, const T *g, WINDOWS) { meanPoolDx(dst, g, THE_WINDOWS); }

LAYERS(f32, float)
LAYERS(f64, double)
