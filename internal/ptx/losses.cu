// Losses of package models, computed in double. Each of them makes a number per point, or per
// class, of which sums.cu makes the mean; sums are in a fixed order, without atomic additions.
// What is an error on the CPU, as a label that is no class, gives NaN.
//
// Kernels are launched with blocks of 256 threads and any number of them.
#include "each.cuh"
#include "math.cuh"

// softmax returns what classes numbers, stride apart, have to be divided by after
// exp(z - largest).
template <class T> DEVICE double softmaxSum(const T *z, long long classes, long long stride, double &largest) {
  largest = -Real<double>::inf;
  for (long long k = 0; k < classes; k++) {
    double e = z[k * stride];
    if (!(e <= largest)) largest = e;  // NaN too
  }
  double sum = 0;
  for (long long k = 0; k < classes; k++) sum += exp_((double)z[k * stride] - largest);
  return sum;
}

// labelOf returns a label as a class, -1 if it is none.
template <class T> DEVICE long long labelOf(T label, long long classes) {
  if (!(label >= 0 && label < (T)classes) || floor_(label) != label) return -1;
  return (long long)label;
}

// cross_entropy sets losses to those of the points: images' pixels, stride of them each, or
// rows. A label that is no class gives NaN.
template <class T>
DEVICE void crossEntropy(double *losses, const T *logits, const T *labels, long long points, long long classes, long long stride) {
  EACH(i, points) {
    const T *z = logits + i / stride * classes * stride + i % stride;
    long long label = labelOf(labels[i], classes);
    double largest, sum = softmaxSum(z, classes, stride, largest);
    losses[i] = label < 0 ? Real<double>::nan : log_(sum) + largest - (double)z[label * stride];
  }
}

// cross_entropy_dx is g·(softmax(logits) - [class = label])/points.
template <class T>
DEVICE void crossEntropyDx(T *dst, const T *logits, const T *labels, const T *g, long long points, long long classes, long long stride) {
  double factor = (double)g[0] / (double)points;
  EACH(i, points) {
    long long at = i / stride * classes * stride + i % stride, label = labelOf(labels[i], classes);
    double largest, sum = softmaxSum(logits + at, classes, stride, largest);
    for (long long k = 0; k < classes; k++) {
      double p = exp_((double)logits[at + k * stride] - largest) / sum;
      if (k == label) p -= 1;
      if (label < 0) p = Real<double>::nan;
      dst[at + k * stride] = (T)(p * factor);
    }
  }
}

// binary_cross_entropy sets losses to those of n logits. A target that is no probability
// gives NaN.
template <class T> DEVICE void binaryCrossEntropy(double *losses, const T *logits, const T *targets, long long n) {
  EACH(i, n) {
    double z = logits[i], t = targets[i];
    losses[i] = t >= 0 && t <= 1 ? (z > 0 ? z : 0) - z * t + log1p_(exp_(-fabs_(z))) : Real<double>::nan;
  }
}

// binary_cross_entropy_dx is g·(σ(z) - t)/n.
template <class T> DEVICE void binaryCrossEntropyDx(T *dst, const T *logits, const T *targets, const T *g, long long n) {
  double factor = (double)g[0] / (double)n;
  EACH(i, n) {
    double t = targets[i];
    dst[i] = (T)(t >= 0 && t <= 1 ? (1 / (1 + exp_(-(double)logits[i])) - t) * factor : Real<double>::nan);
  }
}

// softmax sets p, classes × points, to the probabilities of the points, NaN for a point whose
// label is no class.
template <class T>
DEVICE void softmax(double *p, const T *logits, const T *labels, long long points, long long classes, long long stride) {
  EACH(i, points) {
    const T *z = logits + i / stride * classes * stride + i % stride;
    double largest, sum = softmaxSum(z, classes, stride, largest);
    if (labelOf(labels[i], classes) < 0) sum = Real<double>::nan;
    for (long long k = 0; k < classes; k++) p[k * points + i] = exp_((double)z[k * stride] - largest) / sum;
  }
}

// dice_overlap sets overlap, 2 × classes, to numerators and denominators of the classes'
// Dice scores: a block for each class at a time.
template <class T>
DEVICE void diceOverlap(double *overlap, const double *p, const T *labels, double smoothing, long long points, long long classes) {
  for (long long k = BLOCK_X; k < classes; k += GRID_DIM_X) {
    double num = 0, den = 0;
    for (long long i = THREAD_X; i < points; i += tile) {
      double e = p[k * points + i];
      bool own = labels[i] == (T)k;
      num += own ? 2 * e : 0;
      den += own ? e + 1 : e;
    }
    num = blockSum(num) + smoothing;
    den = blockSum(den) + smoothing;
    if (THREAD_X == 0) overlap[k] = num, overlap[classes + k] = den;
  }
}

// dice is one less the mean score.
template <class T> DEVICE void dice(T *dst, const double *overlap, long long classes) {
  if (BLOCK_X != 0 || THREAD_X != 0) return;
  double score = 0;
  for (long long k = 0; k < classes; k++) score += overlap[k] / overlap[classes + k];
  *dst = (T)(1 - score / (double)classes);
}

// dice_dx is, as models' diceSlope, p·(d - Σ p·d) with the derivative d to the probability of
// a class: factor·num/den², less 2·factor/den for the point's own.
template <class T>
DEVICE void diceDx(T *dst, const double *p, const double *overlap, const T *labels, const T *g, long long points, long long classes,
                   long long stride) {
  double factor = (double)g[0] / (double)classes;
  const double *den = overlap + classes;
  EACH(i, points) {
    long long label = labelOf(labels[i], classes);
    double own = label < 0 ? Real<double>::nan : -2 * factor / den[label], mean = label < 0 ? own : p[label * points + i] * own;
    for (long long k = 0; k < classes; k++) mean += p[k * points + i] * (factor * overlap[k] / (den[k] * den[k]));
    T *to = dst + i / stride * classes * stride + i % stride;
    for (long long k = 0; k < classes; k++) {
      double slope = factor * overlap[k] / (den[k] * den[k]) - mean;
      if (k == label) slope += own;
      to[k * stride] = (T)(p[k * points + i] * slope);
    }
  }
}

#define POINTS long long points, long long classes, long long stride

#define LOSSES(suffix, T)                                                                                                  \
  KERNEL_OF(tile) cross_entropy_##suffix(double *losses, const T *logits, const T *labels, POINTS) {                      \
    crossEntropy(losses, logits, labels, points, classes, stride);                                                         \
  }                                                                                                                        \
  KERNEL_OF(tile) cross_entropy_dx_##suffix(T *dst, const T *logits, const T *labels, const T *g, POINTS) {               \
    crossEntropyDx(dst, logits, labels, g, points, classes, stride);                                                       \
  }                                                                                                                        \
  KERNEL_OF(tile) binary_cross_entropy_##suffix(double *losses, const T *logits, const T *targets, long long n) {         \
    binaryCrossEntropy(losses, logits, targets, n);                                                                        \
  }                                                                                                                        \
  KERNEL_OF(tile) binary_cross_entropy_dx_##suffix(T *dst, const T *logits, const T *targets, const T *g, long long n) {  \
    binaryCrossEntropyDx(dst, logits, targets, g, n);                                                                      \
  }                                                                                                                        \
  KERNEL_OF(tile) softmax_##suffix(double *p, const T *logits, const T *labels, POINTS) {                                 \
    softmax(p, logits, labels, points, classes, stride);                                                                   \
  }                                                                                                                        \
  KERNEL_OF(tile) dice_overlap_##suffix(double *overlap, const double *p, const T *labels, double smoothing,              \
                                        long long points, long long classes) {                                             \
    diceOverlap(overlap, p, labels, smoothing, points, classes);                                                           \
  }                                                                                                                        \
  KERNEL_OF(tile) dice_##suffix(T *dst, const double *overlap, long long classes) { dice(dst, overlap, classes); }        \
  KERNEL_OF(tile) dice_dx_##suffix(T *dst, const double *p, const double *overlap, const T *labels, const T *g, POINTS) { \
    diceDx(dst, p, overlap, labels, g, points, classes, stride);                                                           \
  }

LOSSES(f32, float)
LOSSES(f64, double)
