// Elementary functions of float and double from additions, multiplications, fused
// multiply-adds, divisions and bit patterns, so that every compiler and machine
// gives the same bits, and no device library is needed. Errors, measured by the Go
// tests of this folder, are at most 2 units in the last place, 3 for tanh, sigmoid
// and softplus, and 8 for pow of double. NaN gives NaN, infinities give limits.
#pragma once
#include "real.cuh"

// power2 is 2^k for an exponent k of a normal number.
template <class T> DEVICE T power2(int k) {
  return fromBits((typename Real<T>::Bits)(k + Real<T>::bias) << Real<T>::mantissa);
}

// scale is y·2^k, in two steps, as 2^k alone may overflow or be subnormal.
template <class T> DEVICE T scale(T y, int k) {
  int half = k >> 1;
  return y * power2<T>(half) * power2<T>(k - half);
}

template <class T> DEVICE T clamp(T x, T min, T max) {
  x = x < min ? min : x;  // in this order NaN stays
  return x > max ? max : x;
}

// expm1Reduced is e^r - 1 for |r| <= ln(2)/2.
template <class T> DEVICE T expm1Reduced(T r) { return fma_(r * r, fma_(r, Real<T>::expTail(r), (T)0.5), r); }

// reduceExp gives r = x - k·ln(2) in [-ln(2)/2, ln(2)/2].
template <class T> DEVICE T reduceExp(T x, int &k) {
  k = nearest(x * Real<T>::log2eHi);
  T n = (T)k;
  return fma_(-n, Real<T>::ln2Lo, fma_(-n, Real<T>::ln2Hi, x));
}

template <class T> DEVICE T exp_(T x) {
  int k;
  T r = reduceExp(clamp(x, Real<T>::expMin, Real<T>::expMax), k);
  return scale(1 + expm1Reduced(r), k);
}

template <class T> DEVICE T expm1_(T x) {
  int k;
  T e = expm1Reduced(reduceExp(clamp(x, Real<T>::expm1Min, Real<T>::expMax), k));
  if (k == 0) return e;
  T s = power2<T>(k - 1);
  return 2 * fma_(s, e, s - (T)0.5);
}

// logReduced is ln(1 + f) for 1 + f in [√½, √2): with s = f/(2+f) it is
// ln((1+s)/(1-s)) = 2s + s³·tail(s²), and 2s = f - s·f.
template <class T> DEVICE T logReduced(T f) {
  T s = f / (2 + f);
  T z = s * s;
  return fma_(-s, fma_(-z, Real<T>::logTail(z), f), f);
}

// reduceLog gives m in [√½, √2) and k with x = m·2^k, for positive finite x.
template <class T> DEVICE T reduceLog(T x, int &k) {
  int shift = 0;
  if (x < Real<T>::smallestNormal) {
    x *= Real<T>::subnormalScale;
    shift = Real<T>::subnormalExponent;
  }
  typename Real<T>::Bits b = bits(x);
  int e = (int)((b - Real<T>::sqrtHalf) >> Real<T>::mantissa);
  k = e - shift;
  return fromBits(b - ((typename Real<T>::Bits)e << Real<T>::mantissa));
}

// logLimit is the logarithm where x is not a positive finite number.
template <class T> DEVICE T logLimit(T x) { return x == 0 ? -Real<T>::inf : x > 0 ? x : Real<T>::nan; }

template <class T> DEVICE T log_(T x) {
  if (!(x > 0 && x < Real<T>::inf)) return logLimit(x);
  int k;
  T l = logReduced(reduceLog(x, k) - 1);
  return fma_((T)k, Real<T>::ln2Hi, fma_((T)k, Real<T>::ln2Lo, l));
}

template <class T> DEVICE T log2_(T x) {
  if (!(x > 0 && x < Real<T>::inf)) return logLimit(x);
  int k;
  T l = logReduced(reduceLog(x, k) - 1);
  return (T)k + fma_(l, Real<T>::log2eHi, l * Real<T>::log2eLo);
}

template <class T> DEVICE T log1p_(T x) {
  T u = 1 + x;
  if (!(u > 0 && u < Real<T>::inf)) return logLimit(u);
  int k;
  T f = reduceLog(u, k) - 1;
  T lost = 0;  // of x in u, relative to u
  if (k == 0)
    f = x;
  else
    lost = (k > 0 ? 1 - (u - x) : x - (u - 1)) / u;
  return fma_((T)k, Real<T>::ln2Hi, fma_((T)k, Real<T>::ln2Lo, lost) + logReduced(f));
}

template <class T> DEVICE T tanh_(T x) {
  T a = fabs_(x);
  T e = expm1_(2 * (a > Real<T>::tanhMax ? Real<T>::tanhMax : a));
  T t = e / (e + 2);
  return x < 0 ? -t : x > 0 ? t : x;
}

template <class T> DEVICE T sigmoid_(T x) {
  T e = exp_(-fabs_(x));
  return (x < 0 ? e : 1) / (1 + e);
}

template <class T> DEVICE T softplus_(T x) { return (x > 0 ? x : 0) + log1p_(exp_(-fabs_(x))); }

// The binary digits of 2/π, after a word of zeros.
static __constant__ const unsigned long long twoOverPiDigits[20] = {
    0,
    0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041, 0xfe5163abdebbc561, 0xb7246e3a424dd2e0,
    0x06492eea09d1921c, 0xfe1deb1cb129a73e, 0xe88235f52ebb4484, 0xe99c7026b45f7e41, 0x3991d639835339f4,
    0x9c845f8bbdf9283b, 0x1ff897ffde05980f, 0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7, 0x4f463f669e5fea2d,
    0x7527bac7ebe5f17b, 0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08, 0x56033046fc7b6bab,
};

// digits gives the 64 bits of 2/π from a bit of twoOverPiDigits on.
DEVICE unsigned long long digits(int bit) {
  int word = bit >> 6, offset = bit & 63;
  unsigned long long high = twoOverPiDigits[word], low = twoOverPiDigits[word + 1];
  return offset == 0 ? high : high << offset | low >> (64 - offset);
}

// reduceLargeAngle is reduceAngle for a large finite x > 0 (Payne and Hanek):
// x = m·2^e, and of 2/π only the 192 digits matter that do not make m·2^e·2/π a
// multiple of 4 and are not too small to matter.
DEVICE double reduceLargeAngle(double x, int &quadrant) {
  const unsigned long long hidden = 1ull << 52;
  unsigned long long b = (unsigned long long)bits(x);
  unsigned long long m = (b & (hidden - 1)) | hidden;
  int first = (int)(b >> 52) - 1075 - 2 + 64;
  unsigned long long w0 = digits(first), w1 = digits(first + 64), w2 = digits(first + 128);
  // The product modulo 2^192, of which the upper two bits are the quadrant.
  unsigned long long low = m * w2, middle = mulHigh(m, w2), high = mulHigh(m, w1) + m * w0;
  middle += m * w1;
  high += middle < m * w1;
  quadrant = (int)((high + (1ull << 61)) >> 62);
  long long fraction = (long long)(high << 2 | middle >> 62);  // signed: the nearest quadrant is taken
  unsigned long long rest = middle << 2 | low >> 62;
  return ((double)fraction * 0x1p-64 + (double)rest * 0x1p-128) * Real<double>::piHalfHi;
}

// reduceAngle gives r = x - q·π/2 in about [-π/4, π/4], and q modulo 4.
template <class T> DEVICE T reduceAngle(T x, int &q) {
  T a = fabs_(x);
  if (a <= Real<T>::angleMax) {
    q = nearest(x * Real<T>::twoOverPi);
    T n = (T)q;
    return fma_(-n, Real<T>::piHalfLo, fma_(-n, Real<T>::piHalfMid, fma_(-n, Real<T>::piHalfHi, x)));
  }
  if (!(a < Real<T>::inf)) {
    q = 0;
    return x - x;
  }
  T r = (T)reduceLargeAngle((double)a, q);
  if (x > 0) return r;
  q = -q;
  return -r;
}

// sinQuadrant is sin(r + q·π/2).
template <class T> DEVICE T sinQuadrant(T r, int q) {
  T z = r * r, y;
  if (q & 1) {
    T h = z * (T)0.5, w = 1 - h;
    y = w + fma_(z * z, Real<T>::cosTail(z), (1 - w) - h);
  } else {
    y = fma_(r * z, Real<T>::sinTail(z), r);
  }
  return q & 2 ? -y : y;
}

template <class T> DEVICE T sin_(T x) {
  int q;
  T r = reduceAngle(x, q);
  return sinQuadrant(r, q);
}

template <class T> DEVICE T cos_(T x) {
  int q;
  T r = reduceAngle(x, q);
  return sinQuadrant(r, q + 1);
}

// powPositive is x^y for positive finite x and finite y: exp(y·ln(x)) with the
// logarithm and the product as sums of two numbers.
DEVICE double powPositive(double x, double y) {
  const double ln2Top = 0x1.62e42fee00000p-1, ln2Rest = 0x1.a39ef35793c76p-33;  // k·ln2Top is exact
  int k;
  double f = reduceLog(x, k) - 1, n = k;
  double d = 2 + f, dLost = f - (d - 2);
  double s = f / d, sLost = (fma_(-s, d, f) - s * dLost) / d;
  double z = s * s;
  double high = n * ln2Top, low = 2 * s;
  double sum = high + low;
  low -= sum - high;
  low += fma_(n, ln2Rest, fma_(s * z, Real<double>::logTail(z), 2 * sLost));
  double l = sum + low, lLost = low - (l - sum);

  double p = y * l;
  double pLost = fma_(y, l, -p) + y * lLost;
  if (!(fabs_(p) < 800)) pLost = 0;  // it is infinite or 0 anyway
  double r = reduceExp(clamp(p, Real<double>::expMin, Real<double>::expMax), k) + pLost;
  return scale(1 + expm1Reduced(r), k);
}

// pow_ is x^y with the limits of C, IEEE 754 and Go.
DEVICE double pow_(double x, double y) {
  const double inf = Real<double>::inf;
  if (y == 0 || x == 1) return 1;
  if (x != x || y != y) return x + y;
  double a = fabs_(x), b = fabs_(y);
  bool integer = b >= 0x1p53 || floor_(b) == b;
  bool odd = b < 0x1p53 && integer && floor_(b * 0.5) * 2 != b;
  double r;
  if (b == inf)
    r = a == 1 ? 1 : (a > 1) == (y > 0) ? inf : 0;
  else if (a == 0 || a == inf)
    r = (a == 0) == (y > 0) ? 0 : inf;
  else if (x < 0 && !integer)
    return Real<double>::nan;
  else
    r = powPositive(a, y);
  return odd && bits(x) < 0 ? -r : r;
}
DEVICE float pow_(float x, float y) { return (float)pow_((double)x, (double)y); }
