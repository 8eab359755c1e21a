// The DiTAC activation by table (table.Layout), whose evaluation on the CPU in
// internal/kernel these kernels repeat operation by operation, so that the
// bits are the same.
//
// Tables lie one behind the other in three arrays: heads (8 numbers each), starts
// (stride numbers, the last ones +Inf) and pieces (8·stride numbers). stride is a power
// of two.
//
// See docs/cuda.md.
#include "elements.cuh"

struct Head {
  float lo, hi, loSlope, loMin, hiSlope, hiOffset, pieces, hiMoves;
};

// inside reports whether x has a piece. NaN has none.
DEVICE bool inside(const Head &h, float x) { return x >= h.lo && x < h.hi; }

// value returns y(x); p is x's piece.
DEVICE float value(const Head &h, const float *p, float x) {
  if (!inside(h, x)) {
    if (x < h.lo) return h.loSlope * (x > h.loMin ? x : h.loMin);
    return h.hiSlope * x + h.hiOffset;  // NaN for NaN
  }
  float t = (x - p[6]) * p[7];
  float t2 = t * t;
  float y = p[4] + p[5] * t;
  y = (p[2] + p[3] * t) + y * t2;
  return (p[0] + p[1] * t) + y * t2;
}

// slope returns y'(x).
DEVICE float slope(const Head &h, const float *p, float x) {
  if (!inside(h, x)) {
    if (x < h.lo) return h.loSlope;
    return x >= h.hi ? h.hiSlope : x;  // NaN for NaN
  }
  float t = (x - p[6]) * p[7];
  float t2 = t * t;
  float d = (3 * p[3] + (4 * p[4]) * t) + (5 * p[5]) * t2;
  d = (p[1] + (2 * p[2]) * t) + d * t2;
  return d * p[7];
}

// Part says which elements of its group a block works on: those of every parts-th
// vector, or element, of a thread.
struct Part {
  int group, groups, first, step;
};

DEVICE Part part(long long groups) {
  Part p;
  p.groups = (int)groups;
  p.group = BLOCK_X % p.groups;
  p.first = BLOCK_X / p.groups * BLOCK_DIM_X + THREAD_X;
  p.step = GRID_DIM_X / p.groups * BLOCK_DIM_X;
  return p;
}

struct alignas(16) Four {
  float v[4];
};

DEVICE bool aligned(const void *p) { return ((unsigned long long)p & 15) == 0; }

// Forward and BackwardX say what is done with an element.
struct Forward {
  static constexpr bool hasGradient = false;
  DEVICE float of(const Head &h, const float *p, float x, float) { return value(h, p, x); }
};

struct BackwardX {
  static constexpr bool hasGradient = true;
  DEVICE float of(const Head &h, const float *p, float x, float g) { return g * (slope(h, p, x) + 0 * g); }  // NaN if g is not finite
};

// each sets dst to Op of the elements of the block's part. Pieces are read from where
// pieces points.
template <class Op>
DEVICE void each(float *dst, const float *x, const float *g, const Head &h, const float *starts, const float *pieces,
                 int stride, int length, int outer, long long groups) {
  Part part_ = part(groups);
  int total = length * outer, done = 0;
  bool vectors = aligned(dst) && aligned(x) && (!Op::hasGradient || aligned(g));
  if (outer > 1 || groups > 1) vectors = vectors && length % 4 == 0;
  if (vectors) {
    done = total / 4 * 4;
    for (int u = part_.first; u < total / 4; u += part_.step) {
      long long i = at(4 * u, length, outer, part_.group, part_.groups);
      Four in = *(const Four *)(x + i), up = in, out;
      if (Op::hasGradient) up = *(const Four *)(g + i);
      for (int k = 0; k < 4; k++) out.v[k] = Op::of(h, pieces + 8 * find(starts, stride, in.v[k]), in.v[k], up.v[k]);
      *(Four *)(dst + i) = out;
    }
  }
  for (int e = done + part_.first; e < total; e += part_.step) {
    long long i = at(e, length, outer, part_.group, part_.groups);
    float up = 0;
    if (Op::hasGradient) up = g[i];
    dst[i] = Op::of(h, pieces + 8 * find(starts, stride, x[i]), x[i], up);
  }
}

extern __shared__ float staged[];

// ELEMENTWISE defines two kernels: one with the whole table in shared memory (36·stride
// bytes), and one for long tables with the starts there (4·stride bytes) and the pieces
// in global memory, which caches hold.
#define ELEMENTWISE(name, Op)                                                                                     \
  KERNEL_OF(tile) name##_f32(float *dst, const float *x, const float *g, const Head *heads, const float *starts,          \
                    const float *pieces, long long stride, long long length, long long outer, long long groups) { \
    int group = BLOCK_X % (int)groups;                                                                            \
    stage(staged, starts + group * stride, (int)stride);                                                          \
    stage(staged + stride, pieces + 8 * group * stride, 8 * (int)stride);                                         \
    BARRIER();                                                                                                    \
    each<Op>(dst, x, g, heads[group], staged, staged + stride, (int)stride, (int)length, (int)outer, groups);     \
  }                                                                                                               \
  KERNEL_OF(tile) name##_long_f32(float *dst, const float *x, const float *g, const Head *heads, const float *starts,     \
                         const float *pieces, long long stride, long long length, long long outer,                \
                         long long groups) {                                                                      \
    int group = BLOCK_X % (int)groups;                                                                            \
    stage(staged, starts + group * stride, (int)stride);                                                          \
    BARRIER();                                                                                                    \
    each<Op>(dst, x, g, heads[group], staged, pieces + 8 * group * stride, (int)stride, (int)length, (int)outer,  \
             groups);                                                                                             \
  }

ELEMENTWISE(forward, Forward)
ELEMENTWISE(backward_x, BackwardX)

// The gradient to θ needs the moments of each piece, Σ g·τ^j for j = 0 … 5, and of the
// elements above the table, and of those that are lost, Σ g and Σ g·(x − hi). Sums of floating-point numbers depend
// on their order, so the order is fixed: each thread owns a piece and adds that piece's
// elements in the order in which they come. To find them it looks at the number of
// every element's piece, which the block has put into shared memory: one comparison per
// element and thread, all threads at the same element at a time. That is 2 instructions
// of 8 warps, beside 30 for the one warp that owns the piece; atomic additions would be
// fewer, but in no order.
//
// A thread adds in float over addInFloat elements, then in double.
constexpr int addInFloat = 64;
constexpr int moments = 6;

// moments writes the sums of one part of the elements of a group and of a window of tile
// pieces to sums, moments·slots numbers for each part: block b has window b / (groups ·
// parts), part b / groups mod parts. Part p has the elements from p·partLength on. The
// slot behind the last piece is that of the elements above.
KERNEL_OF(tile) moments_f32(double *sums, const float *x, const float *g, const Head *heads, const float *starts,
                   const float *pieces, long long stride, long long length, long long outer, long long groups,
                   long long parts, long long partLength, long long slots) {
  __shared__ int pieceOf[tile];
  __shared__ float tauOf[tile], gradientOf[tile];
  int group = BLOCK_X % (int)groups, rest = BLOCK_X / (int)groups, which = rest % (int)parts;
  int own = rest / (int)parts * tile + THREAD_X;
  Head h = heads[group];
  const float *table = pieces + 8 * group * stride;
  stage(staged, starts + group * stride, (int)stride);

  int above = (int)h.pieces;
  int from = which * (int)partLength, total = (int)(length * outer);
  int to = from + (int)partLength < total ? from + (int)partLength : total;
  double sum[moments] = {0, 0, 0, 0, 0, 0};
  for (int start = from; start < to; start += tile) {
    BARRIER();  // the starts are there, and all are done with the tile before
    int e = start + THREAD_X, piece = -1;
    float tau = 0, up = 0;
    if (e < to) {
      long long i = at(e, (int)length, (int)outer, group, (int)groups);
      float v = x[i];
      up = g[i];
      if (inside(h, v)) {
        piece = find(staged, (int)stride, v);
        tau = (v - table[8 * piece + 6]) * table[8 * piece + 7];
      } else if (!(v < h.lo) && h.hiMoves != 0) {
        piece = above;
        tau = v - h.hi;
      }
      if (v != v || up - up != 0) {  // the element is lost: see curve.Evaluator
        piece = above;
        tau = v - h.hi;
      }
    }
    pieceOf[THREAD_X] = piece;
    tauOf[THREAD_X] = tau;
    gradientOf[THREAD_X] = up;
    BARRIER();
    for (int batch = 0; batch < tile && start + batch < to; batch += addInFloat) {
      float part[moments] = {0, 0, 0, 0, 0, 0};
      bool any = false;
      for (int k = batch; k < batch + addInFloat; k++) {
        if (pieceOf[k] != own) continue;
        float t = tauOf[k], m = gradientOf[k];
        any = true;
        for (int j = 0; j < moments; j++) {
          part[j] += m;
          m *= t;
        }
      }
      if (any)
        for (int j = 0; j < moments; j++) sum[j] += part[j];
    }
  }
  if (own < (int)slots)
    for (int j = 0; j < moments; j++)
      sums[((long long)(group * (int)parts + which) * slots + own) * moments + j] = sum[j];
}

// reduce_moments adds the parts, in order: result[group][i] = Σ_part sums[group][part][i]
// for i < count.
KERNEL_OF(tile) reduce_moments(double *result, const double *sums, long long count, long long parts, long long groups) {
  long long n = count * groups;
  for (long long i = (long long)BLOCK_X * BLOCK_DIM_X + THREAD_X; i < n; i += (long long)GRID_DIM_X * BLOCK_DIM_X) {
    long long group = i / count;
    const double *from = sums + group * parts * count + (i - group * count);
    double sum = 0;
    for (long long k = 0; k < parts; k++) sum += from[k * count];
    result[i] = sum;
  }
}
