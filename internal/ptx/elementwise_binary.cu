// Gorgonia's elementwise operations of two values. The names are those that it
// looks up in the module "elembinop": vv of two tensors and ss of two scalars,
// both into the first; vs of a tensor and a scalar, into the tensor; and sv of a
// scalar and a tensor, into the tensor, which is then the second argument.
// Comparisons give 1 and 0 in the type of what they compare.
#include "math.cuh"

#define BINARY_FORM(name, form, type, T, left, right, result, value) \
  KERNEL name##_##form##_##type(T *a, T *b, long long n) {           \
    long long i = (long long)BLOCK_X * BLOCK_DIM_X + THREAD_X;       \
    if (i >= n) return;                                              \
    T x = left, y = right;                                           \
    result = value;                                                  \
  }
#define BINARY_OF(name, type, T, value)                              \
  BINARY_FORM(name, vv, type, T, a[i], b[i], a[i], value)            \
  BINARY_FORM(name, vs, type, T, a[i], b[0], a[i], value)            \
  BINARY_FORM(name, sv, type, T, a[0], b[i], b[i], value)            \
  BINARY_FORM(name, ss, type, T, a[0], b[0], a[0], value)
#define BINARY(name, value)           \
  BINARY_OF(name, f32, float, value)  \
  BINARY_OF(name, f64, double, value)

BINARY(add, x + y)
BINARY(sub, x - y)
BINARY(mul, x *y)
BINARY(div, x / y)
BINARY(pow, pow_(x, y))
BINARY(lt, x < y)
BINARY(gt, x > y)
BINARY(lte, x <= y)
BINARY(gte, x >= y)
BINARY(eq, x == y)
BINARY(ne, x != y)
