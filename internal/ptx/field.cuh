// The velocity field of a θ and its flow for time 1, in double: what internal/flow computes
// of them, and with its names. A block has a θ.
#pragma once
#include "elements.cuh"
#include "series.cuh"

// Shape is what curves have beside θ: these numbers (Shape.Numbers in shape.go), behind them
// the vertices, and for a basis of no hat functions its matrix, column by column.
struct Shape {
  double a, b, width;
  double whole;                    // 1: the flow acts beyond the domain, too
  double amplification, learned;   // the start of α, and 1 if the last of θ is added to it
  double hat, first;               // height of a hat function, and the vertex of the first; 0: a matrix
  double steepest;                 // slopes of the field from which there is no curve
  double below, inside, above;     // gates: 0 none, 1 Φ(x), 2 the slope for φ < 0
  double slope;
  double lo, hi;                   // the least and the largest number in the domain that elements can be
};
constexpr int shapeSize = sizeof(Shape) / sizeof(double);

// Field is a velocity field, with the segments of its flow: intervals whose trajectories
// begin in one cell and end in one cell. There are 2·cells + 3, from left to right, some of
// them empty.
struct Field {
  const Shape *shape;
  const double *vertex, *matrix;
  int cells, slots;
  double *alpha, *bad;                   // the amplification, and what is wrong with θ or 0
  double *theta;                         // a copy
  double *v;                             // velocities of the vertices
  double *slope, *time, *left, *right;   // of cells: see internal/flow/field.go
  double *back;                          // the points that flow into the vertices; then the gradient to v
  double *start, *first, *last;          // of segments: see segments
  double *center;                        // a number in each segment, from which it is described
};

constexpr int fieldHead = 2;

// fieldSize is how many doubles a field takes.
DEVICE long long fieldSize(int cells, int dim) { return fieldHead + dim + 2 * (cells + 1) + 4 * cells + 4 * (2 * cells + 3); }

DEVICE Field fieldOf(double *fields, const double *shape, int cells, int dim, int group) {
  Field f;
  f.shape = (const Shape *)shape;
  f.vertex = shape + shapeSize;
  f.matrix = f.vertex + cells + 1;
  f.cells = cells;
  f.slots = 2 * cells + 3;
  double *p = fields + group * fieldSize(cells, dim);
  f.alpha = p;
  f.bad = p + 1;
  f.theta = p + fieldHead;
  f.v = f.theta + dim;
  f.back = f.v + cells + 1;
  f.slope = f.back + cells + 1;
  f.time = f.slope + cells;
  f.left = f.time + cells;
  f.right = f.left + cells;
  f.start = f.right + cells;
  f.first = f.start + f.slots;
  f.last = f.first + f.slots;
  f.center = f.last + f.slots;
  return f;
}

DEVICE bool sameSign(double a, double b) { return (a > 0 && b > 0) || (a < 0 && b < 0); }

// logRatio is log(v1/v0) for velocities of one sign, even if the ratio is beyond double.
DEVICE double logRatio(double v1, double v0) {
  double ratio = v1 / v0;
  if (ratio == 0 || ratio == Real<double>::inf) return log_(fabs_(v1)) - log_(fabs_(v0));
  return log_(ratio);
}

// Crossing holds integrals over the part of a cell that a trajectory crosses: of dy/v, and
// of N/v² dy with the hats N of the cell's vertices.
struct Crossing {
  double time, left, right;
};

// crossing integrates from the offset u = 1 - r over the distance d, with velocity v0 at the
// start and v1 of the same sign at the end.
DEVICE Crossing crossing(double v0, double v1, double u, double r, double d, double h, double slope) {
  Crossing c;
  double total = d / v0 / v1, ramp, z = slope * d / v0;
  if (near(z)) {
    c.time = d / v0 * logOver(z);
    ramp = d / v0 * (d / v0) * rampOver(z, 1 + z);
  } else {  // v0 may be so small that (d/v0)² overflows
    double ratio = v1 / v0, log = logRatio(v1, v0), gain = ratio == Real<double>::inf ? 1 : (ratio - 1) / ratio;
    c.time = log / slope;
    ramp = (log - gain) / (slope * slope);
  }
  c.left = r * total - ramp / h;
  c.right = u * total + ramp / h;
  return c;
}

// setCell computes what a cell has.
DEVICE void setCell(const Field &f, int c) {
  double v0 = f.v[c], v1 = f.v[c + 1], h = f.shape->width;
  Crossing p = {0, 0, 0};
  f.slope[c] = (v1 - v0) / h;
  if (sameSign(v0, v1)) p = crossing(v0, v1, 0, 1, h, h, f.slope[c]);
  f.time[c] = p.time;
  f.left[c] = p.left;
  f.right[c] = p.right;
}

// origin returns the point that flows into vertex j in time 1.
DEVICE double origin(const Field &f, int j) {
  double y = f.vertex[j], entry = f.v[j], rest = -1;
  if (entry == 0) return y;
  bool rightward = entry < 0;  // backwards in time
  int n = f.cells, step = rightward ? 1 : -1, c = rightward ? (j < n ? j : n - 1) : (j > 0 ? j - 1 : 0);
  for (;;) {
    int ahead = rightward ? c + 1 : c, next = c + step;
    if (next < 0 || next >= n || !sameSign(entry, f.v[ahead])) break;
    double tau = rightward ? f.time[c] : -f.time[c];
    if (fabs_(tau) >= fabs_(rest)) break;
    rest -= tau;
    c = next;
    entry = f.v[ahead];
    y = f.vertex[ahead];
  }
  double growth, e, ramp;
  expParts(f.slope[c] * rest, growth, e, ramp);
  y += entry * rest * e;
  // Rounding must not carry it over the vertex ahead, which it does not reach.
  if (rightward) {
    bool closed = c < n - 1 || !sameSign(entry, f.v[n]);
    return closed && y > f.vertex[c + 1] ? f.vertex[c + 1] : y;
  }
  bool closed = c > 0 || !sameSign(entry, f.v[0]);
  return closed && y < f.vertex[c] ? f.vertex[c] : y;
}

// below counts the numbers of x, in order, that are less than y, or at most y.
DEVICE int below(const double *x, int n, double y, bool orAt) {
  int from = 0;
  for (int to = n; from < to;) {
    int middle = (from + to) >> 1;
    if (x[middle] < y || (orAt && x[middle] == y))
      from = middle + 1;
    else
      to = middle;
  }
  return from;
}

// place sets the start of a segment and how many vertices, and points that flow into
// vertices, are at or left of it, less one: the cells in which its trajectories begin and
// end, but for those beyond the ends.
DEVICE void place(const Field &f, int slot, double start, int first, int last) {
  f.start[slot] = start;
  f.first[slot] = first;
  f.last[slot] = last;
}

// setSegments merges vertices and points that flow into vertices, both in order.
DEVICE void setSegments(const Field &f) {
  int n = f.cells + 1;
  if (THREAD_X == 0) place(f, 0, -Real<double>::inf, -1, -1);
  for (int j = THREAD_X; j < n; j += BLOCK_DIM_X) {
    int before = below(f.back, n, f.vertex[j], false);
    place(f, 1 + j + before, f.vertex[j], j, before - 1);
  }
  for (int p = THREAD_X; p < n; p += BLOCK_DIM_X) {
    int before = below(f.vertex, n, f.back[p], true);
    place(f, 1 + p + before, f.back[p], before - 1, p);
  }
}

DEVICE int cellOf(const Field &f, double at) {
  int c = (int)at;
  return c < 0 ? 0 : c < f.cells ? c : f.cells - 1;
}

DEVICE double nextUp(double x) {
  if (x == 0) return 0x1p-1074;
  return fromBits(bits(x) + (x > 0 ? 1 : -1));
}
DEVICE float nextUp(float x) {
  if (x == 0) return 0x1p-149f;
  return fromBits(bits(x) + (x > 0 ? 1 : -1));
}

// Course is how trajectories go from a point c of a segment: they leave their cell for
// another, or do not.
struct Course {
  bool crosses, rightward;
  int first, last;
  double v, u;                        // at c, and the place in the cell
  double exit, exitAt, entry, entryAt; // velocities at the vertices where the first cell is left and the last entered
  Crossing toExit;
  double rest;                        // the time for the last cell
  double growth, e, ramp;             // expParts there
  double phi, dphi;                   // φ(c) and φ'(c)
};

DEVICE Course courseOf(const Field &f, double firstAt, double lastAt, double c) {
  Course t;
  double h = f.shape->width;
  t.first = cellOf(f, firstAt);
  t.last = cellOf(f, lastAt);
  t.rightward = t.last > t.first;
  t.u = (c - f.vertex[t.first]) / h;
  t.v = f.v[t.first] * (1 - t.u) + f.v[t.first + 1] * t.u;
  int out = t.rightward ? t.first + 1 : t.first, in = t.rightward ? t.last : t.last + 1;
  t.exit = f.v[out];
  t.exitAt = f.vertex[out];
  t.entry = f.v[in];
  t.entryAt = f.vertex[in];
  // Where c is a zero of a field so steep that the trajectories that stay in the cell begin
  // within less than the spacing of numbers, c is the only one that does.
  t.crosses = t.first != t.last && sameSign(t.v, t.exit);
  if (!t.crosses) {
    t.last = t.first;
    t.rest = 1;
    expParts(f.slope[t.first], t.growth, t.e, t.ramp);
    t.phi = c + t.v * t.e;
    t.dphi = t.growth;
    return t;
  }
  t.toExit = crossing(t.v, t.exit, t.u, 1 - t.u, t.exitAt - c, h, f.slope[t.first]);
  t.rest = 1;
  for (int k = t.first + 1; k < t.last; k++) t.rest -= f.time[k];
  for (int k = t.first - 1; k > t.last; k--) t.rest += f.time[k];
  t.rest -= t.toExit.time;
  expParts(f.slope[t.last] * t.rest, t.growth, t.e, t.ramp);
  t.phi = t.entryAt + t.entry * t.rest * t.e;
  t.dphi = t.entry * t.growth / t.v;
  return t;
}
