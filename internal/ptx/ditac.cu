// The DiTAC activation of the elements of a tensor, by the parts of its curves (parts.cuh),
// which curves.cu makes from θ.
//
// See docs/cuda.md.
#include "field.cuh"
#include "parts.cuh"

// Section is a gate that elements are multiplied by.
enum Section { plain, normalGate, sideGate };

// Gates are those of a curve, as Shape has them, in the type of the elements.
template <class T> struct Gates {
  int below, inside, above;
  T lo, hi, slope;
};

template <class T> DEVICE Gates<T> gatesOf(const Shape &s) {
  Gates<T> g = {(int)s.below, (int)s.inside, (int)s.above, (T)s.lo, (T)s.hi, (T)s.slope};
  return g;
}

// gate returns w(x) and w'(x); phi is φ(x).
template <class T> DEVICE void gate(const Gates<T> &g, const T *nodes, T x, T phi, T &w, T &dw) {
  int section = x < g.lo ? g.below : x > g.hi ? g.above : g.inside;
  w = 1;
  dw = 0;
  if (section == normalGate) normal(nodes, x, w, dw);
  if (section == sideGate && phi < 0) w = g.slope;
}

// gated is phi·w where the decay of a gate beats any growth of phi.
template <class T> DEVICE T gated(T phi, T w) {
  if (w == 0 && fabs_(phi) == Real<T>::inf) return phi > 0 ? (T)0. : (T)-0.;
  return phi * w;
}

// flow returns φ(x) and φ'(x), not amplified, for an element of part k.
template <class T> DEVICE void flow(const Parts<T> &p, int k, T x, T &phi, T &dphi) {
  T d = x - p.center[k], alpha = p.alpha[k], beta = p.beta[k], rise = p.rise[k], growth, e, f;
  T z = alpha == 0 ? 0 : alpha * d, run = d * logOver(z);  // d may be infinite
  expParts(beta == 0 ? 0 : beta * run, growth, e, f);
  phi = p.phi[k] + run * (rise * e);
  dphi = rise * growth / (1 + z);
}

// jet returns y(x) and y'(x) for an element of part k.
template <class T> DEVICE void jet(const Parts<T> &p, const Gates<T> &g, const T *nodes, int k, T x, T &y, T &dy) {
  T phi, dphi, w, dw, excess = *p.excess;
  flow(p, k, x, phi, dphi);
  if (excess != 0) {
    dphi += excess * (dphi - 1);
    if (phi != x) phi += excess * (phi - x);  // as ∞ is
  }
  gate(g, nodes, x, phi, w, dw);
  y = gated(phi, w);
  dy = gated(dphi, w);
  if (dw != 0) dy += gated(phi, dw);
  if (x != x) dy = x;
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

template <class T> struct alignas(16) Vector {
  static constexpr int size = 16 / sizeof(T);
  T v[size];
};

DEVICE bool aligned(const void *p) { return ((unsigned long long)p & 15) == 0; }

// Forward and BackwardX say what is done with an element.
struct Forward {
  static constexpr bool hasGradient = false;
  template <class T> DEVICE T of(const Parts<T> &p, const Gates<T> &g, const T *nodes, int k, T x, T) {
    T y, dy;
    jet(p, g, nodes, k, x, y, dy);
    return y;
  }
};

struct BackwardX {
  static constexpr bool hasGradient = true;
  template <class T> DEVICE T of(const Parts<T> &p, const Gates<T> &g, const T *nodes, int k, T x, T up) {
    T y, dy;
    jet(p, g, nodes, k, x, y, dy);
    return up * (dy + 0 * up);  // NaN if up is not finite
  }
};

// each sets dst to Op of the elements of the block's part.
template <class Op, class T>
DEVICE void each(T *dst, const T *x, const T *g, const Parts<T> &parts, const Gates<T> &gates, const T *nodes, int length, int outer,
                 long long groups) {
  typedef Vector<T> V;
  constexpr int size = V::size;
  Part part_ = part(groups);
  int total = length * outer, done = 0;
  bool vectors = aligned(dst) && aligned(x) && (!Op::hasGradient || aligned(g));
  if (outer > 1 || groups > 1) vectors = vectors && length % size == 0;
  if (vectors) {
    done = total / size * size;
    for (int u = part_.first; u < total / size; u += part_.step) {
      long long i = at(size * u, length, outer, part_.group, part_.groups);
      V in = *(const V *)(x + i), up = in, out;
      if (Op::hasGradient) up = *(const V *)(g + i);
      int part[size];
      findAll<size>(parts.tree, parts.stride, in.v, part);
#pragma unroll
      for (int k = 0; k < size; k++) out.v[k] = Op::of(parts, gates, nodes, part[k], in.v[k], up.v[k]);
      *(V *)(dst + i) = out;
    }
  }
  for (int e = done + part_.first; e < total; e += part_.step) {
    long long i = at(e, length, outer, part_.group, part_.groups);
    T up = 0;
    if (Op::hasGradient) up = g[i];
    T v = x[i];
    dst[i] = Op::of(parts, gates, nodes, find(parts.tree, parts.stride, v), v, up);
  }
}

extern __shared__ double staged[];

constexpr int terms = 6;

// What moments and reduce_moments have of shared memory.
alignas(16) static __shared__ int partOf[tile];
static __shared__ double termOf[terms][tile];
static __shared__ double sumOf[tile];

// ELEMENTWISE defines two kernels: one with the parts of the block's group in shared memory,
// and one for curves that are too long for that.
#define ELEMENTWISE(name, Op, suffix, T)                                                                              \
  KERNEL_OF(tile) name##_##suffix(T *dst, const T *x, const T *g, T *parts, const T *nodes, const Shape *shape,       \
                                  long long stride, long long length, long long outer, long long groups) {            \
    int group = BLOCK_X % (int)groups;                                                                                \
    stage((T *)staged, (const T *)parts + group * partsSize((int)stride), (int)partsSize((int)stride));     \
    BARRIER();                                                                                                        \
    Parts<T> p = partsAt((T *)staged, (int)stride);                                                                          \
    each<Op>(dst, x, g, p, gatesOf<T>(*shape), nodes, (int)length, (int)outer, groups);                               \
  }                                                                                                                   \
  KERNEL_OF(tile) name##_long_##suffix(T *dst, const T *x, const T *g, T *parts, const T *nodes, const Shape *shape,  \
                                       long long stride, long long length, long long outer, long long groups) {       \
    Parts<T> p = partsAt(parts + BLOCK_X % (int)groups * partsSize((int)stride), (int)stride);                          \
    each<Op>(dst, x, g, p, gatesOf<T>(*shape), nodes, (int)length, (int)outer, groups);                               \
  }

ELEMENTWISE(forward, Forward, f32, float)
ELEMENTWISE(backward_x, BackwardX, f32, float)
ELEMENTWISE(forward, Forward, f64, double)
ELEMENTWISE(backward_x, BackwardX, f64, double)

// termsOf returns what the gradient to θ sums of an element with upstream gradient up, in a
// part: with ω = up·w(x), D the distance to the exit of the first cell, r the time that is
// left for the last, and E, F and G of series.cuh,
//
//	leaving: ω·e^{s·r}·D/ℓ, ω·e^{s·r}·D²·G, ω·e^{s·r}, ω·r·E(s·r), ω·r²·F(s·r),
//	inCell:  0, 0, 0, ω, ω·d,
//
// and ω·(φ - x), tile numbers from each other. curves.cu makes a gradient of the sums. Distances are in widths of a cell.
// It reports false where θ has no say.
template <class T>
DEVICE bool termsOf(const Way<T> &way, const Gates<T> &g, const T *nodes, T perWidth, T x, T up, T *s) {
  if (way.kind == outside) return false;
  T d = (x - way.center) * perWidth, phi, w, dw, growth = 1, e, f, r = 0, l = 1;
  if (way.kind == inCell) {
    phi = way.entryAt + way.entry * d;
  } else {
    T z = way.alpha * d;
    l = 1 + z;
    r = way.rest + d * logOver(z) * way.perSpeed;
    expParts(way.lastSlope * r, growth, e, f);
    phi = way.entryAt + way.entry * (r * e);
  }
  gate(g, nodes, x, phi, w, dw);
  T o = up * w;
  if (o == 0) return false;
  s[5 * tile] = o * (phi - x);
  if (way.kind == inCell) {
    s[0] = s[tile] = s[2 * tile] = 0;
    s[3 * tile] = o;
    s[4 * tile] = o * d;
    return true;
  }
  s[3 * tile] = o * (r * e);
  s[4 * tile] = o * (r * r * f);
  s[2 * tile] = o *= growth;
  T away = way.gap - d;
  s[0] = o * (away / l);
  s[tile] = o * (away * away * rampOver(way.kappa * away, way.ratio * l));
  return true;
}

// Sums of floating-point numbers depend on their order, so the order is fixed: a thread owns
// a part, and adds that part's elements in the order in which they come. To find them it looks
// at the number of every element's part, which the block has put into shared memory: one
// comparison per element and thread, all threads of a warp at the same element at a time.
// Where there are fewer parts than threads, several threads own a part, and look at a share of
// the elements each. Atomic additions would be fewer, but in no order.
//
// A thread adds in the type of the elements over addInType of them, then in double.
constexpr int addInType = 32;

// moments writes the sums of one share of the elements of a group and of a window of parts to
// result, terms·slots numbers for each share: block b has window b / (groups·shares), share
// b / groups mod shares, which has the elements from share·shareLength on. owners, a power of
// two from 32 to tile, is the number of parts in a window. The slot behind the last part gets a
// NaN of each element that is lost.
template <class T>
DEVICE void moments(double *result, const T *x, const T *g, const T *tree, const Way<T> *ways, const T *nodes, const Shape &shape,
                    int stride, int length, int outer, int groups, int shares, int shareLength, int slots, int owners) {
  constexpr int atOnce = Vector<int>::size;
  T(*termOf)[tile] = (T(*)[tile])::termOf;
  int group = BLOCK_X % groups, rest = BLOCK_X / groups, share = rest % shares;
  int own = rest / shares * owners + THREAD_X % owners;
  int look = THREAD_X / owners * owners;  // of tile / (tile / owners) elements
  Gates<T> gates = gatesOf<T>(shape);
  T perWidth = (T)(1 / shape.width);
  int from = share * shareLength, total = length * outer;
  int to = from + shareLength < total ? from + shareLength : total;
  double sum[terms] = {0, 0, 0, 0, 0, 0};
  for (int start = from; start < to; start += tile) {
    BARRIER();  // the tree is there, and all are done with the tile before
    int e = start + THREAD_X, part = -1;
    if (e < to) {
      long long i = at(e, length, outer, group, groups);
      T v = x[i], up = g[i], *s = &termOf[0][THREAD_X];
      if (v != v || up - up != 0) {  // the element is lost: see curve.Evaluator
        part = slots - 1;
        for (int j = 0; j < terms; j++) s[j * tile] = Real<T>::nan;
      } else {
        int k = find(tree, stride, v);
        if (termsOf(ways[k], gates, nodes, perWidth, v, up, s)) part = k;
      }
    }
    partOf[THREAD_X] = part;
    BARRIER();
    for (int batch = look; batch < look + owners && start + batch < to; batch += addInType) {
      T part[terms] = {0, 0, 0, 0, 0, 0};
      bool any = false;
      for (int k = batch; k < batch + addInType; k += atOnce) {
        Vector<int> of = *(const Vector<int> *)(partOf + k);
#pragma unroll
        for (int i = 0; i < atOnce; i++) {
          if (of.v[i] != own) continue;
          any = true;
          for (int j = 0; j < terms; j++) part[j] += termOf[j][k + i];
        }
      }
      if (any)
        for (int j = 0; j < terms; j++) sum[j] += part[j];
    }
  }
  for (int j = 0; j < terms; j++) {
    BARRIER();
    sumOf[THREAD_X] = sum[j];
    BARRIER();
    if (THREAD_X >= owners || own >= slots) continue;
    double all = 0;
    for (int k = THREAD_X; k < tile; k += owners) all += sumOf[k];
    result[((long long)(group * shares + share) * slots + own) * terms + j] = all;
  }
}

#define MOMENTS(suffix, T)                                                                                                \
  KERNEL_OF(tile) moments_##suffix(double *result, const T *x, const T *g, T *parts, const Way<T> *ways, const T *nodes,  \
                                   const Shape *shape, long long stride, long long length, long long outer,               \
                                   long long groups, long long shares, long long shareLength, long long slots,            \
                                   long long owners) {                                                                    \
    int group = BLOCK_X % (int)groups;                                                                                    \
    Parts<T> p = partsAt(parts + group * partsSize((int)stride), (int)stride);                                              \
    stage((T *)staged, (const T *)p.tree, (int)stride);                                                                 \
    moments<T>(result, x, g, (const T *)staged, ways + group * stride, nodes, *shape, (int)stride, (int)length,           \
               (int)outer, (int)groups, (int)shares, (int)shareLength, (int)slots, (int)owners);                          \
  }                                                                                                                       \
  KERNEL_OF(tile) moments_long_##suffix(double *result, const T *x, const T *g, T *parts, const Way<T> *ways,             \
                                        const T *nodes, const Shape *shape, long long stride, long long length,           \
                                        long long outer, long long groups, long long shares, long long shareLength,       \
                                        long long slots, long long owners) {                                              \
    int group = BLOCK_X % (int)groups;                                                                                    \
    Parts<T> p = partsAt(parts + group * partsSize((int)stride), (int)stride);                                              \
    moments<T>(result, x, g, p.tree, ways + group * stride, nodes, *shape, (int)stride, (int)length, (int)outer,        \
               (int)groups, (int)shares, (int)shareLength, (int)slots, (int)owners);                                      \
  }

MOMENTS(f32, float)
MOMENTS(f64, double)

// reduce adds the shares, in a fixed order: result[group][i] = Σ_share sums[group][share][i]
// for i < count. A block has columns numbers, and several threads each of these.
constexpr int columns = 32;
KERNEL_OF(tile) reduce_moments(double *result, const double *sums, long long count, long long shares, long long groups) {
  long long i = (long long)BLOCK_X * columns + THREAD_X % columns, group = i / count;
  double sum = 0;
  if (group < groups) {
    const double *from = sums + group * shares * count + (i - group * count);
    for (long long k = THREAD_X / columns; k < shares; k += tile / columns) sum += from[k * count];
  }
  sumOf[THREAD_X] = sum;
  BARRIER();
  if (THREAD_X >= columns || group >= groups) return;
  for (int k = THREAD_X + columns; k < tile; k += columns) sum += sumOf[k];
  result[i] = sum;
}
