// Properties of float and double, and the coefficients of the polynomials in
// math.cuh. The polynomials interpolate at Chebyshev nodes on the interval that
// their comment names; the error there, relative to the function that they are
// part of, is below 1/8 of a unit in the last place (coefficients.py).
#pragma once
#include "dialect.cuh"

template <class T> struct Real;

template <> struct Real<float> {
  typedef int Bits;
  static constexpr int mantissa = 23, bias = 127;
  static constexpr int sqrtHalf = 0x3f3504f3;  // bits of sqrt(1/2)
  static constexpr float inf = __builtin_huge_valf(), nan = __builtin_nanf("");
  static constexpr float smallestNormal = 0x1p-126f, subnormalScale = 0x1p24f;
  static constexpr int subnormalExponent = 24;

  static constexpr float ln2Hi = 0x1.62e43p-1f, ln2Lo = -0x1.05c61p-29f;
  static constexpr float log2eHi = 0x1.715476p0f, log2eLo = 0x1.4ae0cp-26f;
  static constexpr float twoOverPi = 0x1.45f306p-1f;
  static constexpr float piHalfHi = 0x1.921fb6p0f, piHalfMid = -0x1.777a5cp-25f, piHalfLo = -0x1.ee59dap-50f;

  // exp is 0 below expMin and infinite above expMax, expm1 is -1 below expm1Min,
  // tanh is 1 above tanhMax; three constants reduce an angle below angleMax.
  static constexpr float expMin = -104, expMax = 89, expm1Min = -20, tanhMax = 10, angleMax = 48000;

  // (e^r - 1 - r - r²/2)/r³ for |r| <= ln(2)/2.
  DEVICE float expTail(float r) {
    float p = 0x1.a0f8d4p-13f;
    p = fma_(p, r, 0x1.6d117cp-10f);
    p = fma_(p, r, 0x1.1110f6p-7f);
    p = fma_(p, r, 0x1.555518p-5f);
    return fma_(p, r, 0x1.555556p-3f);
  }
  // (ln((1+s)/(1-s)) - 2s)/s³ for z = s², |s| <= (√2-1)/(√2+1).
  DEVICE float logTail(float z) {
    float p = 0x1.2eeb8p-2f;
    p = fma_(p, z, 0x1.997c12p-2f);
    return fma_(p, z, 0x1.55555cp-1f);
  }
  // (sin r - r)/r³ for z = r², |r| <= π/4.
  DEVICE float sinTail(float z) {
    float p = -0x1.9ac6fcp-13f;
    p = fma_(p, z, 0x1.110c24p-7f);
    return fma_(p, z, -0x1.555552p-3f);
  }
  // (cos r - 1 + r²/2)/r⁴ for z = r², |r| <= π/4.
  DEVICE float cosTail(float z) {
    float p = 0x1.9bd67p-16f;
    p = fma_(p, z, -0x1.6c12cep-10f);
    return fma_(p, z, 0x1.555554p-5f);
  }
};

template <> struct Real<double> {
  typedef long long Bits;
  static constexpr int mantissa = 52, bias = 1023;
  static constexpr long long sqrtHalf = 0x3fe6a09e667f3bcd;
  static constexpr double inf = __builtin_huge_val(), nan = __builtin_nan("");
  static constexpr double smallestNormal = 0x1p-1022, subnormalScale = 0x1p54;
  static constexpr int subnormalExponent = 54;

  static constexpr double ln2Hi = 0x1.62e42fefa39efp-1, ln2Lo = 0x1.abc9e3b39803fp-56;
  static constexpr double log2eHi = 0x1.71547652b82fep+0, log2eLo = 0x1.777d0ffda0d24p-56;
  static constexpr double twoOverPi = 0x1.45f306dc9c883p-1;
  static constexpr double piHalfHi = 0x1.921fb54442d18p+0, piHalfMid = 0x1.1a62633145c07p-54,
                          piHalfLo = -0x1.f1976b7ed8fbcp-110;

  static constexpr double expMin = -746, expMax = 710, expm1Min = -40, tanhMax = 22, angleMax = 1e6;

  DEVICE double expTail(double r) {
    double p = 0x1.1f6717774d5e0p-29;
    p = fma_(p, r, 0x1.af390ba7e6f47p-26);
    p = fma_(p, r, 0x1.27e4e1dcf773bp-22);
    p = fma_(p, r, 0x1.71de0d85293b8p-19);
    p = fma_(p, r, 0x1.a01a01a48116fp-16);
    p = fma_(p, r, 0x1.a01a01a7cebcdp-13);
    p = fma_(p, r, 0x1.6c16c16c167dap-10);
    p = fma_(p, r, 0x1.11111111109a6p-7);
    p = fma_(p, r, 0x1.5555555555555p-5);
    return fma_(p, r, 0x1.5555555555556p-3);
  }
  DEVICE double logTail(double z) {
    double p = 0x1.2b6688a387e03p-3;
    p = fma_(p, z, 0x1.39fd392179a95p-3);
    p = fma_(p, z, 0x1.7462bd8f7796ep-3);
    p = fma_(p, z, 0x1.c71c62c639fdep-3);
    p = fma_(p, z, 0x1.2492492e09d4dp-2);
    p = fma_(p, z, 0x1.9999999995204p-2);
    return fma_(p, z, 0x1.5555555555558p-1);
  }
  DEVICE double sinTail(double z) {
    double p = 0x1.5e098556d302ep-33;
    p = fma_(p, z, -0x1.ae60069e53ef1p-26);
    p = fma_(p, z, 0x1.71de379252004p-19);
    p = fma_(p, z, -0x1.a01a019e80693p-13);
    p = fma_(p, z, 0x1.1111111110ba5p-7);
    return fma_(p, z, -0x1.5555555555555p-3);
  }
  DEVICE double cosTail(double z) {
    double p = -0x1.907c0e63adbb6p-37;
    p = fma_(p, z, 0x1.1eeb66b683028p-29);
    p = fma_(p, z, -0x1.27e4fa15bd814p-22);
    p = fma_(p, z, 0x1.a01a019f4d0edp-16);
    p = fma_(p, z, -0x1.6c16c16c16960p-10);
    return fma_(p, z, 0x1.5555555555555p-5);
  }
};
