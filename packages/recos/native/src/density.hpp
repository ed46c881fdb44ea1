#pragma once

#include <vector>

#include "ice.hpp"

/// The Pandel density of photon delays, convolved with a Gauss of the given width (arXiv:0704.1706), by quadrature.
///
///   F(xi, t) = R^xi / Gamma(xi) * integral over x > 0 of x^(xi-1) exp(-R x) g((t - x) / s) / s
///            = (R s)^xi / (Gamma(xi) s sqrt(2 pi)) exp(R^2 s^2 / 2 - R t) G(xi, beta),     beta = t / s - R s
///   G(xi, beta) = integral over x > 0 of x^(xi-1) exp(-(x - beta)^2 / 2)
///
/// That is the form with the parabolic cylinder function, without its overflow at late times.
namespace pandel {

/// ln F in 1/ns and its slope in time, in 1/ns.
struct LogDensity {
  double value;
  double slope;
};

/// F at one time for any xi: the quadrature's nodes depend on the time alone. Relative error below 1e-10 for xi in [0.05, 25].
class DensityAtTime {
 public:
  DensityAtTime(double time_ns, double jitter_ns, const Ice& ice = {});
  LogDensity at(double xi) const;

 private:
  double jitter_;
  double decay_rate_;
  double beta_;
  double exponent_;
  /// The integral from 0 to `head_` is a power series, which takes care of the singularity for xi < 1; there is none at late times.
  double log_head_ = 0;
  std::vector<double> series_;
  std::vector<double> log_x_;
  std::vector<double> x_;
  std::vector<double> log_weight_;
};

}  // namespace pandel
