// Gorgonia's elementwise functions of one tensor, in place. The names are those
// that it looks up in the module "elemunaryop".
#include "math.cuh"

#define UNARY_OF(name, type, T, value)               \
  KERNEL name##_##type(T *a, long long n) {          \
    long long i = (long long)BLOCK_X * BLOCK_DIM_X + THREAD_X; \
    if (i >= n) return;                              \
    T x = a[i];                                      \
    a[i] = value;                                    \
  }
#define UNARY(name, value)            \
  UNARY_OF(name, f32, float, value)   \
  UNARY_OF(name, f64, double, value)

UNARY(abs, fabs_(x))
UNARY(sign, x > 0 ? 1 : x < 0 ? -1 : 0)
UNARY(ceil, ceil_(x))
UNARY(floor, floor_(x))
UNARY(sin, sin_(x))
UNARY(cos, cos_(x))
UNARY(exp, exp_(x))
UNARY(ln, log_(x))
UNARY(log2, log2_(x))
UNARY(neg, -x)
UNARY(square, x *x)
UNARY(sqrt, sqrt_(x))
UNARY(inv, 1 / x)
UNARY(invSqrt, 1 / sqrt_(x))
UNARY(cube, x *x *x)
UNARY(tanh, tanh_(x))
UNARY(sigmoid, sigmoid_(x))
UNARY(log1p, log1p_(x))
UNARY(expm1, expm1_(x))
UNARY(softplus, softplus_(x))
