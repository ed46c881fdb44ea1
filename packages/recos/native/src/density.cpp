#include "density.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "elementary.hpp"
#include "gauss_legendre.hpp"

namespace pandel {
namespace {

/// Beyond this many widths from its maximum the integrand is below 1e-19 of it: its logarithm falls at least as a Gauss of width 1 does.
constexpr double kReach = 9.5;
constexpr double kLargestXi = 25.0;
constexpr double kPanelWidth = 4.0;
constexpr int kSeriesTerms = 22;
constexpr std::size_t kNodes = kGaussLegendre16.size();

}  // namespace

DensityAtTime::DensityAtTime(double time_ns, double jitter_ns, const Ice& ice)
    : jitter_(jitter_ns), decay_rate_(ice.decay_rate()), beta_(time_ns / jitter_ns - decay_rate_ * jitter_ns) {
  exponent_ = 0.5 * decay_rate_ * decay_rate_ * jitter_ns * jitter_ns - decay_rate_ * time_ns;
  // At early times exp(-beta^2 / 2) is taken out, so that nothing underflows.
  const double taken_out = beta_ < 0 ? 0.5 * beta_ * beta_ : 0.0;
  exponent_ -= taken_out;

  double from = beta_ - kReach;
  if (from < 1.0) {
    const double head = 0.5 / std::max(1.0, std::fabs(beta_));
    log_head_ = logarithm(head);
    // Taylor coefficients of exp(beta x - x^2 / 2), times head^n.
    series_.resize(kSeriesTerms);
    series_[0] = beta_ < 0 ? 1.0 : exponential(-0.5 * beta_ * beta_);
    series_[1] = beta_ * series_[0] * head;
    for (int n = 1; n + 1 < kSeriesTerms; ++n) {
      series_[n + 1] = (beta_ * head * series_[n] - head * head * series_[n - 1]) / (n + 1);
    }
    from = head;
  }
  const double latest_peak = 0.5 * (beta_ + std::sqrt(beta_ * beta_ + 4.0 * kLargestXi));
  const double end = latest_peak + kReach;
  while (from < end) {
    // Geometric panels near 0 keep the singularity a panel's width away.
    const double to = std::min({3.0 * from, from + kPanelWidth, end});
    for (const auto& [node, weight] : kGaussLegendre16) {
      const double x = 0.5 * (from + to) + 0.5 * (to - from) * node;
      x_.push_back(x);
      log_x_.push_back(logarithm(x));
      log_weight_.push_back(logarithm(0.5 * (to - from) * weight) - 0.5 * (x - beta_) * (x - beta_) + taken_out);
    }
    from = to;
  }
}

LogDensity DensityAtTime::at(double xi) const {
  double integral = 0;
  double moment = 0;
  if (!series_.empty()) {
    for (int n = kSeriesTerms - 1; n >= 0; --n) {
      integral += series_[n] / (xi + n);
      moment += series_[n] / (xi + 1.0 + n);
    }
    const double power = exponential(xi * log_head_);
    integral *= power;
    moment *= power * exponential(log_head_);
  }
  for (std::size_t panel = 0; panel < x_.size(); panel += kNodes) {
    double term[kNodes];
    // Weights and powers stay within e^-400 and e^250 for every xi and time in use.
    for (std::size_t j = 0; j < kNodes; ++j) term[j] = exponential_in_range(log_weight_[panel + j] + (xi - 1.0) * log_x_[panel + j]);
    for (std::size_t j = 0; j < kNodes; ++j) {
      integral += term[j];
      moment += term[j] * x_[panel + j];
    }
  }
  const double norm = xi * logarithm(decay_rate_ * jitter_) - log_gamma(xi) - logarithm(jitter_) - 0.5 * logarithm(2.0 * kPi);
  return {norm + exponent_ + logarithm(integral), (moment / integral - beta_) / jitter_ - decay_rate_};
}

}  // namespace pandel
