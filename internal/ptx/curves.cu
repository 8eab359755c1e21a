// From θ to the parts of its curve, and from sums over elements to the gradient to θ: a block
// for each θ, in double. See field.cuh and parts.cuh, and docs/cuda.md.
#include "field.cuh"
#include "parts.cuh"

// most returns the largest of the numbers of all threads, which are not negative.
DEVICE int most(int mine, int *shared) {
  shared[THREAD_X] = mine;
  for (int half = tile / 2; half > 0; half /= 2) {
    BARRIER();
    if (THREAD_X < half && shared[THREAD_X + half] > shared[THREAD_X]) shared[THREAD_X] = shared[THREAD_X + half];
  }
  BARRIER();
  int all = shared[0];
  BARRIER();
  return all;
}

// What may be wrong with θ.
enum Fault { none, notFinite, tooSteep };

// setVelocities sets v = Pθ and returns what is wrong with the thread's share.
DEVICE int setVelocities(const Field &f, int dim) {
  const Shape &s = *f.shape;
  int fault = none, n = f.cells + 1, parameters = dim - (int)s.learned;
  for (int k = THREAD_X; k < dim; k += BLOCK_DIM_X)
    if (f.theta[k] - f.theta[k] != 0) fault = notFinite;
  for (int j = THREAD_X; j < n; j += BLOCK_DIM_X) {
    double v = 0, lost = 0;
    if (s.hat != 0) {
      int k = j - (int)s.first;
      if (k >= 0 && k < parameters) v = s.hat * f.theta[k];
    } else {
      for (int k = 0; k < parameters; k++) {  // compensated, as cpab's
        double p = f.matrix[(long long)k * n + j], product = p * f.theta[k];
        double sum = v + product, z = sum - v;
        lost += fma_(p, f.theta[k], -product) + ((v - (sum - z)) + (product - z));
        v = sum;
      }
    }
    f.v[j] = v + lost;
    if (f.v[j] - f.v[j] != 0) fault = notFinite;
  }
  return fault;
}

// increase makes x, n numbers, increasing: each is at least the one before.
DEVICE void increase(double *x, int n, double *shared) {
  int each = (n + tile - 1) / tile, from = THREAD_X * each, to = from + each < n ? from + each : n;
  double most = -Real<double>::inf;
  for (int i = from; i < to; i++) most = x[i] > most ? x[i] : most;
  shared[THREAD_X] = most;
  BARRIER();
  most = -Real<double>::inf;
  if (from < n)
    for (int k = 0; k < THREAD_X; k++) most = shared[k] > most ? shared[k] : most;
  for (int i = from; i < to; i++) x[i] = most = x[i] > most ? x[i] : most;
}

// roundUp is the least number of a type that is not less than x.
DEVICE void roundUp(double x, double &y) { y = x; }
DEVICE void roundUp(double x, float &y) {
  y = (float)x;
  if ((double)y < x) y = nextUp(y);
}

// treeOf is where the tree has the start of a part: the middle of each half comes next, level
// by level.
DEVICE int treeOf(int part, int stride) {
  int level = 0;
  while (!(part >> level & 1)) level++;
  return (stride >> (level + 1)) + (part >> (level + 1));
}

template <class T> DEVICE void setPart(const Parts<T> &p, Way<T> *ways, int k, T start, T center, T phi, T rise, T alpha, T beta, const Way<T> &way) {
  if (k == 0)
    p.tree[0] = 0;  // the first part has all that is left of the others
  else
    p.tree[treeOf(k, p.stride)] = start;
  p.center[k] = center;
  p.phi[k] = phi;
  p.rise[k] = rise;
  p.alpha[k] = alpha;
  p.beta[k] = beta;
  ways[k] = way;
}

// describe makes the part of a segment.
template <class T> DEVICE void describe(const Field &f, const Parts<T> &p, Way<T> *ways, int k) {
  const Shape &s = *f.shape;
  Way<T> way = {outside, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  T start = Real<T>::nan;
  if (k >= f.slots) {
    setPart<T>(p, ways, k, start, 0, 0, 0, 0, 0, way);
    return;
  }
  double from = f.start[k], to = k + 1 < f.slots ? f.start[k + 1] : Real<double>::inf, center = 0;
  // Beyond the domain φ = x. Its end is within, and so is a zero there: see courseOf.
  bool zero = f.back[f.cells - 1] == s.b && f.last[k] < f.cells, beyond = from > s.b || (from == s.b && !zero);
  if (s.whole == 0 && (from < s.a || beyond)) {
    double behind = nextUp(s.b);
    roundUp(from < s.a || from > behind ? from : behind, start);
    f.center[k] = center;
    setPart<T>(p, ways, k, start, 0, 0, 1, 0, 0, way);
    return;
  }
  roundUp(from, start);
  // The center, a number of the type of elements, within the segment if there is one.
  int first = cellOf(f, f.first[k]), last = cellOf(f, f.last[k]);
  bool falls = (f.v[last > first ? first + 1 : first] > 0) == (f.slope[first] < 0);  // the velocity, from left to right
  double h = s.width;
  if (from == -Real<double>::inf) from = to - h;
  if (to == Real<double>::inf) to = from + h;
  center = first == last ? from + (to - from) / 2 : falls ? to : from;
  T rounded;
  roundUp(center, rounded);
  if (!((double)rounded < to)) rounded = -nextUp(-rounded);
  if (rounded < start) rounded = start;
  center = (double)rounded;
  f.center[k] = center;

  Course t = courseOf(f, f.first[k], f.last[k], center);
  double slope = f.slope[t.first], lastSlope = f.slope[t.last];
  way.center = rounded;
  if (!t.crosses) {
    way.kind = inCell;
    way.entry = (T)(t.dphi * h);
    way.entryAt = (T)t.phi;
    setPart<T>(p, ways, k, start, rounded, (T)t.phi, (T)t.dphi, 0, 0, way);
    return;
  }
  way.kind = leaving;
  way.alpha = (T)(slope / t.v * h);
  way.perSpeed = (T)(h / t.v);
  way.rest = (T)t.rest;
  way.lastSlope = (T)lastSlope;
  way.entry = (T)t.entry;
  way.entryAt = (T)t.entryAt;
  way.gap = (T)((t.exitAt - center) / h);
  way.kappa = (T)(-slope * h / t.exit);
  way.ratio = (T)(t.v / t.exit);
  setPart<T>(p, ways, k, start, rounded, (T)t.phi, (T)t.dphi, (T)(slope / t.v), (T)(lastSlope / t.v), way);
}

// make makes the curve of the block's θ, unless it is that of seen, the θ that it was made
// of last. If something is wrong with θ, faults has it, y is 0, which others cope with better
// than with NaN (Gorgonia's max pooling panics), and the gradient to θ is NaN.
template <class T> DEVICE void make(const T *theta, T *seen, double *fields, T *parts, Way<T> *ways, int *faults, const double *shape,
                                    int cells, int dim, int stride) {
  __shared__ int flags[tile];
  __shared__ double shared[tile];
  int group = BLOCK_X;
  theta += (long long)group * dim;
  seen += (long long)group * dim;
  int moved = 0;
  for (int k = THREAD_X; k < dim; k += BLOCK_DIM_X)
    if (seen[k] != theta[k]) moved = 1;
  if (most(moved, flags) == 0) return;

  Field f = fieldOf(fields, shape, cells, dim, group);
  Parts<T> p = partsAt(parts + group * partsSize(stride), stride);
  ways += (long long)group * stride;
  for (int k = THREAD_X; k < dim; k += BLOCK_DIM_X) f.theta[k] = (double)theta[k];
  BARRIER();
  int fault = setVelocities(f, dim);
  BARRIER();
  for (int c = THREAD_X; c < cells; c += BLOCK_DIM_X) {
    setCell(f, c);
    double slope = fabs_(f.slope[c]);
    if (slope - slope != 0)
      fault = notFinite;
    else if (!(slope < f.shape->steepest) && fault == none)
      fault = tooSteep;
  }
  fault = most(fault, flags);
  for (int k = THREAD_X; k < dim; k += BLOCK_DIM_X) seen[k] = fault == none ? theta[k] : Real<T>::nan;
  if (THREAD_X == 0) {
    *f.alpha = f.shape->amplification + (f.shape->learned != 0 ? f.theta[dim - 1] : 0);
    *f.bad = fault;
    *p.excess = (T)(*f.alpha - 1);
    for (int k = 1; k < partsHead; k++) p.excess[k] = 0;
    if (fault != none) faults[group] = fault;
  }
  if (fault != none) {
    Way<T> way = {outside, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    for (int k = THREAD_X; k < stride; k += BLOCK_DIM_X) setPart<T>(p, ways, k, Real<T>::nan, 0, 0, 0, 0, 0, way);
    return;
  }
  for (int j = THREAD_X; j <= cells; j += BLOCK_DIM_X) f.back[j] = origin(f, j);
  BARRIER();
  increase(f.back, cells + 1, shared);
  BARRIER();
  setSegments(f);
  BARRIER();
  for (int k = THREAD_X; k < stride; k += BLOCK_DIM_X) describe(f, p, ways, k);
}

#define MAKE(suffix, T)                                                                                             \
  KERNEL_OF(tile) make_##suffix(const T *theta, T *seen, double *fields, T *parts, Way<T> *ways, int *faults,       \
                                const double *shape, long long cells, long long dim, long long stride) {            \
    make<T>(theta, seen, fields, parts, ways, faults, shape, (int)cells, (int)dim, (int)stride);                    \
  }

MAKE(f32, float)
MAKE(f64, double)

constexpr int terms = 6;

// spread turns the sums of a part (terms in ditac.cu) into what its trajectories add to the
// gradient to the velocities: to those at the vertices of the first and the last cell, left
// and right, and for each cell in between this times its integrals; and Σ ω·(φ - x).
DEVICE void spread(const Field &f, int k, double *sums) {
  double s0 = sums[0], s1 = sums[1], s2 = sums[2], s3 = sums[3], s4 = sums[4];
  for (int j = 0; j < 5; j++) sums[j] = 0;
  if (s0 == 0 && s1 == 0 && s2 == 0 && s3 == 0 && s4 == 0) return;
  Course t = courseOf(f, f.first[k], f.last[k], f.center[k]);
  double h = f.shape->width;
  if (!t.crosses) {  // ∂φ/∂V is affine
    double perV = t.ramp / h, right = t.u * t.e + t.v * perV;
    sums[1] = right * s3 + (t.e / h + f.slope[t.first] * perV) * h * s4;
    sums[0] = t.e * s3 - sums[1];
    return;
  }
  double total = s0 * (h / t.v) * (t.entry / t.exit), other = s1 * (h / t.exit) * (t.entry / t.exit);
  sums[0] = t.rightward ? other : total + other;
  sums[1] = t.rightward ? total - other : -other;
  sums[2] = t.rightward ? t.entry * s2 : -t.entry * s2;
  sums[4] = (t.rightward ? 0 : s3) + t.entry / h * s4;
  sums[3] = s3 - sums[4];
}

// from returns the first segment whose trajectories begin, or end, in a cell or behind it.
DEVICE int from(const Field &f, const double *cells, int cell) {
  if (cell <= 0) return 0;
  int k = below(cells, f.slots, cell, false);
  return cell >= f.cells ? f.slots : k;
}

// gradientOf returns the gradient to the velocity at a vertex, given what parts add.
DEVICE double gradientOf(const Field &f, const double *sums, int vertex) {
  double sum = 0;
  for (int side = 0; side < 2; side++) {  // the cell on the right, whose left vertex it is, and that on the left
    int c = vertex - side;
    if (c < 0 || c >= f.cells) continue;
    int first0 = from(f, f.first, c), first1 = from(f, f.first, c + 1);
    int last0 = from(f, f.last, c), last1 = from(f, f.last, c + 1);
    for (int k = first0; k < first1; k++) sum += sums[terms * k + side];
    for (int k = last0; k < last1; k++) sum += sums[terms * k + 3 + side];
    double weight = 0;  // rightward from the left of c to its right, and leftward
    for (int k = last1; k < first0; k++) weight += sums[terms * k + 2];
    for (int k = first1; k < last0; k++) weight += sums[terms * k + 2];
    if (weight != 0) sum += weight * (side == 0 ? f.left[c] : f.right[c]);
  }
  return sum;
}

// close makes of the sums over the elements of the block's θ, terms for each part and a NaN
// behind them if an element is lost, the gradient to θ. It uses up the sums.
template <class T> DEVICE void close(T *dtheta, double *sums, double *fields, const double *shape, int cells, int dim) {
  __shared__ int flags[tile];
  __shared__ double shared[tile];
  int group = BLOCK_X;
  Field f = fieldOf(fields, shape, cells, dim, group);
  sums += (long long)group * terms * (f.slots + 1);
  dtheta += (long long)group * dim;
  const Shape &s = *f.shape;
  int lost = *f.bad != 0 || sums[terms * f.slots] != 0;
  double moved = 0;
  if (!lost) {
    for (int k = THREAD_X; k < f.slots; k += BLOCK_DIM_X) {
      spread(f, k, sums + terms * k);
      moved += sums[terms * k + 5];
    }
  }
  shared[THREAD_X] = moved;
  BARRIER();
  if (!lost) {
    for (int j = THREAD_X; j <= cells; j += BLOCK_DIM_X) {
      f.back[j] = *f.alpha * gradientOf(f, sums, j);
      if (f.back[j] != f.back[j]) lost = 1;
    }
  }
  lost = most(lost, flags);
  int parameters = dim - (int)s.learned, n = cells + 1;
  for (int k = THREAD_X; k < dim; k += BLOCK_DIM_X) {
    double sum = 0;
    if (lost) {
      sum = Real<double>::nan;
    } else if (k >= parameters) {
      for (int i = 0; i < tile; i++) sum += shared[i];
    } else if (s.hat != 0) {
      sum = s.hat * f.back[k + (int)s.first];
    } else {
      for (int j = 0; j < n; j++) {
        double p = f.matrix[(long long)k * n + j];
        if (p != 0) sum += p * f.back[j];
      }
    }
    dtheta[k] = (T)sum;
  }
}

#define CLOSE(suffix, T)                                                                                     \
  KERNEL_OF(tile) close_##suffix(T *dtheta, double *sums, double *fields, const double *shape, long long cells, \
                                 long long dim) {                                                            \
    close<T>(dtheta, sums, fields, shape, (int)cells, (int)dim);                                             \
  }

CLOSE(f32, float)
CLOSE(f64, double)
