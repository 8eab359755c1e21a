// The DiTAC activation evaluated exactly, in float64: the closed forms of
// internal/flow/segment.go on the parts of table.ExactLayout. Elements and groups lie as
// in elements.cuh. Heads hold two numbers of a group, the width of a cell and the number of
// parts; starts and parts lie as starts and pieces do in ditac.cu, with PartSize numbers
// per part; the last starts are NaN.
#include "elements.cuh"
#include "math.cuh"
#include "normal.cuh"

constexpr int partSize = 16;

// gated is phi·w where the decay of a gate beats any growth of phi.
DEVICE double gated(double phi, double w) {
  if (w == 0 && fabs_(phi) == Real<double>::inf) return phi > 0 ? 0. : -0.;
  return phi * w;
}

// expParts returns e^w, E(w) = (e^w - 1)/w and F(w) = (e^w - E(w))/w, as internal/flow/series.go.
DEVICE void expParts(double w, double &growth, double &e, double &f) {
  double em1 = expm1_(w);
  growth = fabs_(w) < 0.5 ? em1 + 1 : exp_(w);
  if (fabs_(w) < 0.02) {
    f = 1. / 2 + w * (1. / 3 + w * (1. / 8 + w * (1. / 30 + w * (1. / 144 + w * (1. / 840 + w * (1. / 5760))))));
    e = 1 + w * (1. / 2 + w * (1. / 6 + w * (1. / 24 + w * (1. / 120 + w * (1. / 720 + w * (1. / 5040))))));
    return;
  }
  e = em1 / w;
  f = (growth - e) / w;
}

// logParts returns L(z) = log(1+z)/z and G(z) = (log(1+z) - z/(1+z))/z².
DEVICE void logParts(double z, double &l, double &g) {
  if (fabs_(z) < 0.02) {
    z = -z;
    l = 1 + z * (1. / 2 + z * (1. / 3 + z * (1. / 4 + z * (1. / 5 + z * (1. / 6 + z * (1. / 7 + z * (1. / 8 + z * (1. / 9))))))));
    g = 1. / 2 + z * (2. / 3 + z * (3. / 4 + z * (4. / 5 + z * (5. / 6 + z * (6. / 7 + z * (7. / 8 + z * (8. / 9 + z * (9. / 10))))))));
    return;
  }
  double log = log1p_(z);
  l = log / z;
  g = (log - z / (1 + z)) / (z * z);
}

// Point is an element on its part: the position and velocity, and for trajectories that
// cross cells the way to the exit and the time that is left behind it.
struct Point {
  double x, u, v;
  double total, right, rest;
};

DEVICE Point point(const double *p, double h, double x) {
  Point a;
  a.x = x;
  a.u = (x - p[4]) / h;
  a.v = p[5] * (1 - a.u) + p[6] * a.u;
  a.total = a.right = a.rest = 0;
  if (p[0] != 2) return a;
  double exit = p[7], d = p[8] - x, slope = p[11], z = slope * d / a.v, time, ramp;
  a.total = d / a.v / exit;
  if (fabs_(z) < 0.5) {
    double l, g;
    logParts(z, l, g);
    time = d / a.v * l;
    ramp = d / a.v * (d / a.v) * g;
  } else {
    double ratio = exit / a.v, log = log_(ratio);
    time = log / slope;
    ramp = (log - (ratio - 1) / ratio) / (slope * slope);
  }
  a.right = a.u * a.total + ramp / h;
  a.rest = p[13] - time;
  return a;
}

// flow returns phi and phi'.
DEVICE void flow(const double *p, double h, double x, double &phi, double &dphi) {
  phi = x;
  dphi = 1;
  if (p[0] == 0) return;
  if (fabs_(x) > 1e300 && p[0] == 1) {  // where offsets may overflow
    dphi = p[8];
    if (fabs_(x) != Real<double>::inf) phi = x * dphi;
    return;
  }
  Point a = point(p, h, x);
  if (p[0] == 1) {
    phi = x + a.v * p[7];
    dphi = p[8];
    return;
  }
  double growth, e, f;
  expParts(p[12] * a.rest, growth, e, f);
  phi = p[10] + p[9] * a.rest * e;
  dphi = p[9] * growth / a.v;
}

// jet returns y(x) and y'(x).
DEVICE void jet(const double *p, const double *nodes, double h, double x, double &y, double &dy) {
  double phi, dphi, w = p[2], dw = 0;
  y = dy = x;
  if (x != x) return;
  flow(p, h, x, phi, dphi);
  if (p[3] != 0) {  // amplified
    phi += p[3] * (phi - x);
    dphi += p[3] * (dphi - 1);
  }
  if (p[1] != 0) normal(nodes, x, w, dw);
  y = gated(phi, w);
  dy = gated(dphi, w);
  if (p[1] != 0) dy += gated(phi, dw);
}

extern __shared__ double staged[];

#define TABLES const double *nodes, const double *heads, const double *starts, const double *parts
#define SHAPE long long stride, long long length, long long outer, long long groups

// ELEMENTWISE defines a kernel that sets result for each element x, with upstream
// gradient up, from y and dy. The starts are in shared memory, the parts in caches.
#define ELEMENTWISE(name, up, result)                                                                  \
  KERNEL_OF(tile) name##_exact_f64(double *dst, const double *x, const double *g, TABLES, SHAPE) {     \
    int group = BLOCK_X % (int)groups, total = (int)(length * outer);                                  \
    (void)g;                                                                                           \
    stage(staged, starts + group * stride, (int)stride);                                               \
    BARRIER();                                                                                         \
    int step = GRID_DIM_X / (int)groups * BLOCK_DIM_X;                                                 \
    for (int e = BLOCK_X / (int)groups * BLOCK_DIM_X + THREAD_X; e < total; e += step) {               \
      long long i = at(e, (int)length, (int)outer, group, (int)groups);                                \
      double y, dy;                                                                                    \
      const double *part = parts + partSize * (group * stride + find(staged, (int)stride, x[i]));      \
      jet(part, nodes, heads[2 * group], x[i], y, dy);                                                 \
      dst[i] = result;                                                                                 \
    }                                                                                                  \
  }

ELEMENTWISE(forward, 0, y)
ELEMENTWISE(backward_x, g[i], g[i] * (dy + 0 * g[i]))  // NaN if g is not finite

constexpr int terms = 6;

// sums returns the terms of flow.Sums of an element with weight o, and o·(phi - x) behind
// them, which the gradient to an amplification is made of.
DEVICE void sums(const double *p, double h, double x, double o, double *s) {
  for (int j = 0; j < terms; j++) s[j] = 0;
  Point a = point(p, h, x);
  if (p[0] == 1) {
    double right = a.u * p[9] + a.v * p[10];
    s[3] = o * (p[9] - right);
    s[4] = o * right;
    s[5] = o * (a.v * p[7]);
    return;
  }
  double growth, e, ramp, entry = p[9];
  expParts(p[12] * a.rest, growth, e, ramp);
  double vphi = entry * growth;
  s[0] = o * vphi * (a.total - a.right);
  s[1] = o * vphi * a.right;
  s[2] = o * vphi;
  double whole = a.rest * e, q = p[14] * whole + entry / h * a.rest * a.rest * ramp;
  s[3] = o * (whole - q);
  s[4] = o * q;
  s[5] = o * ((p[10] - x) + entry * whole);
}

// moments writes the sums over a share of the elements of a group and of a window of
// tile parts, in a fixed order, as moments_f32 in ditac.cu does: terms·slots numbers for
// each share. The slot behind the last part gets a NaN of each element that is lost.
KERNEL_OF(tile) moments_exact_f64(double *result, const double *x, const double *g, TABLES, SHAPE, long long shares,
                                  long long shareLength, long long slots) {
  __shared__ int partOf[tile];
  __shared__ double termsOf[terms][tile];
  int group = BLOCK_X % (int)groups, rest = BLOCK_X / (int)groups, share = rest % (int)shares;
  int own = rest / (int)shares * tile + THREAD_X;
  double h = heads[2 * group];
  int count = (int)heads[2 * group + 1];
  stage(staged, starts + group * stride, (int)stride);
  int from = share * (int)shareLength, total = (int)(length * outer);
  int to = from + (int)shareLength < total ? from + (int)shareLength : total;
  double sum[terms] = {0, 0, 0, 0, 0, 0};
  for (int start = from; start < to; start += tile) {
    BARRIER();  // the starts are there, and all are done with the tile before
    int e = start + THREAD_X, part = -1;
    double s[terms] = {0, 0, 0, 0, 0, 0};
    if (e < to) {
      long long i = at(e, (int)length, (int)outer, group, (int)groups);
      int k = find(staged, (int)stride, x[i]);
      const double *p = parts + partSize * (group * stride + k);
      double w = p[2], dw;
      if (p[1] != 0) normal(nodes, x[i], w, dw);
      double o = g[i] * w;
      if (x[i] != x[i] || g[i] - g[i] != 0) {  // the element is lost: see curve.Evaluator
        part = count;
        s[0] = (g[i] - g[i]) * x[i];
      } else if (p[0] != 0 && o != 0) {
        part = k;
        sums(p, h, x[i], o, s);
      }
    }
    partOf[THREAD_X] = part;
    for (int j = 0; j < terms; j++) termsOf[j][THREAD_X] = s[j];
    BARRIER();
    for (int k = 0; k < tile && start + k < to; k++) {
      if (partOf[k] != own) continue;
      for (int j = 0; j < terms; j++) sum[j] += termsOf[j][k];
    }
  }
  if (own < (int)slots)
    for (int j = 0; j < terms; j++) result[((long long)(group * (int)shares + share) * slots + own) * terms + j] = sum[j];
}
