#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

/// Elementary functions in plain IEEE arithmetic, to within 1 ulp.
///
/// A C library picks its exp and log by the processor it finds (with or without fused multiply-add), so their last bit differs between
/// hosts of one cluster, and a scan must give the same bytes wherever its pixels were fitted. Only the correctly rounded operations
/// (+ - * /, sqrt, fmod) are used from outside. Coefficients: Sun's fdlibm 5.3, e_exp.c, e_log.c, k_sin.c, k_cos.c.
namespace pandel {

inline constexpr double kPi = 3.14159265358979323846;

template <typename To, typename From>
inline To same_bits(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}

/// e^x for x in [-708, 709], without a branch: loops over it can run two lanes at a time.
inline double exponential_in_range(double x) {
  // Adding 1.5 * 2^52 rounds to an integer, which then stands in the low bits.
  constexpr double kRounder = 6755399441055744.0;
  const double shifted = 1.44269504088896338700e+00 * x + kRounder;
  const double k = shifted - kRounder;
  const double hi = x - k * 6.93147180369123816490e-01;
  const double lo = k * 1.90821492927058770002e-10;
  const double r = hi - lo;
  const double t = r * r;
  const double c = r - t * (1.66666666666666019037e-01 +
                            t * (-2.77777777770155933842e-03 +
                                 t * (6.61375632143793436117e-05 + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))));
  const double y = 1.0 - ((lo - (r * c) / (2.0 - c)) - hi);
  return y * same_bits<double>((same_bits<std::uint64_t>(shifted) + 1023) << 52);
}

/// e^x; 0 below -708 (no subnormal results), infinity above 709.
inline double exponential(double x) {
  if (x < -708.0) return 0.0;
  if (x > 709.0) return std::numeric_limits<double>::infinity();
  return x == x ? exponential_in_range(x) : x;
}

/// ln x for normal, finite x > 0, without a branch.
inline double logarithm_in_range(double x) {
  // Adding the gap between sqrt(1/2) and 1 to the bits makes the exponent the one that leaves the mantissa in [sqrt(1/2), sqrt(2)).
  constexpr std::uint64_t kRootHalf = std::uint64_t{0x3fe6a09e} << 32;
  constexpr std::uint64_t kOne = std::uint64_t{0x3ff00000} << 32;
  const std::uint64_t bits = same_bits<std::uint64_t>(x) + (kOne - kRootHalf);
  // An integer below 2^52 becomes a double by setting the exponent of 2^52 above it.
  constexpr double kTwo52 = 4503599627370496.0;
  const double k = same_bits<double>(bits >> 52 | std::uint64_t{0x433} << 52) - (kTwo52 + 1023.0);
  const double f = same_bits<double>((bits & 0x000fffffffffffffu) + kRootHalf) - 1.0;
  const double half_square = 0.5 * f * f;
  const double s = f / (2.0 + f);
  const double z = s * s;
  const double w = z * z;
  const double even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
  const double odd =
      z * (6.666666666666735130e-01 + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
  return s * (half_square + (odd + even)) + k * 1.90821492927058770002e-10 - half_square + f + k * 6.93147180369123816490e-01;
}

/// ln x for normal x; minus infinity at 0, NaN below.
inline double logarithm(double x) {
  if (!(x > 0)) return x == 0 ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  return x > std::numeric_limits<double>::max() ? x : logarithm_in_range(x);
}

/// asinh x, to 1e-16 absolutely (not relatively near 0).
inline double area_sinh(double x) {
  return std::copysign(logarithm(std::fabs(x) + std::sqrt(x * x + 1.0)), x);
}

struct SinCos {
  double sin;
  double cos;
};

/// Sine and cosine of any finite angle in radians.
inline SinCos sin_cos(double angle) {
  const double x = std::fmod(angle, 2.0 * kPi);
  const double turns = std::floor(x * (2.0 / kPi) + 0.5);
  const double r = (x - turns * 1.57079632673412561417e+00) - turns * 6.07710050650619224932e-11;
  const double z = r * r;
  const double s =
      r + r * z * (-1.66666666666666324348e-01 +
                   z * (8.33333333332248946124e-03 +
                        z * (-1.98412698298579493134e-04 +
                             z * (2.75573137070700676789e-06 + z * (-2.50507602534068634195e-08 + z * 1.58969099521155010221e-10)))));
  const double c =
      1.0 - (0.5 * z - z * z * (4.16666666666666019037e-02 +
                                z * (-1.38888888888741095749e-03 +
                                     z * (2.48015872894767294178e-05 +
                                          z * (-2.75573143513906633035e-07 + z * (2.08757232129817482790e-09 + z * -1.13596475577881948265e-11))))));
  switch (static_cast<int>(turns) & 3) {
    case 0: return {s, c};
    case 1: return {c, -s};
    case 2: return {-s, -c};
    default: return {-c, s};
  }
}

/// ln Gamma(x) for x > 0: recurrence up to x >= 12, then Stirling's series.
inline double log_gamma(double x) {
  double product = 1.0;
  while (x < 12.0) {
    product *= x;
    x += 1.0;
  }
  const double inverse = 1.0 / x;
  const double square = inverse * inverse;
  const double series = inverse * (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square * (1.0 / 1680 - square / 1188))));
  return (x - 0.5) * logarithm(x) - x + 0.5 * logarithm(2.0 * kPi) + series - logarithm(product);
}

}  // namespace pandel
