#include "table.hpp"

#include "density.hpp"
#include "gauss_legendre.hpp"

namespace pandel {
namespace {

double sinh_of(double x) { return 0.5 * (exponential(x) - exponential(-x)); }
double cosh_of(double x) { return 0.5 * (exponential(x) + exponential(-x)); }

/// Q(xi, x) x^(1-xi) e^x Gamma(xi), the tail of a gamma distribution over its density: the continued fraction of the incomplete gamma
/// function (Abramowitz and Stegun 6.5.31), which converges fast for x well above xi.
double tail_over_density(double xi, double x) {
  double fraction = x;
  for (int k = 40; k >= 1; --k) {
    // Even and odd steps of x + (1-xi)/(1 + 1/(x + (2-xi)/(1 + 2/(x + ...)))).
    fraction = x + (k - xi) / (1.0 + k / fraction);
  }
  return x / fraction;
}

/// ln of the integral of F over a cell of the area axis, ln F being the cubic through both ends' values and slopes.
double log_cell(double area, double step, double scale, const LogDensity& early, const LogDensity& late) {
  const double slope0 = early.slope * scale * cosh_of(area) * step;
  const double slope1 = late.slope * scale * cosh_of(area + step) * step;
  const double top = std::max(early.value, late.value);
  double sum = 0;
  for (const auto& [node, weight] : kGaussLegendre6) {
    const double f = 0.5 + 0.5 * node;
    const double g = 1.0 - f;
    const double log_density = g * g * ((1.0 + 2.0 * f) * early.value + f * slope0) + f * f * ((1.0 + 2.0 * g) * late.value - g * slope1);
    sum += 0.5 * weight * step * scale * cosh_of(area + f * step) * exponential(log_density - top);
  }
  return top + logarithm(sum);
}

double log_sum(double a, double b) {
  const double top = std::max(a, b);
  return top + logarithm(exponential(a - top) + exponential(b - top));
}

}  // namespace

Table::Table(double jitter_ns, const Ice& ice) : earliest_(-kEarliestJitters * jitter_ns), pairs_(2 * kXiNodes * kTimeNodes) {
  // One more node beyond each border of the range, and half a step so that rounding never leaves the table.
  const auto lay_out = [](double low, double high, int nodes, double& first, double& per_unit) {
    const double step = (high - low) / (nodes - 4);
    first = low - 1.5 * step;
    per_unit = 1.0 / step;
    return step;
  };
  const double root_step = lay_out(std::sqrt(kSmallestXi), std::sqrt(kLargestXi), kXiNodes, first_root_, roots_);
  const double area_step = lay_out(area_sinh(earliest_ / kTimeScale), area_sinh(kLatestNs / kTimeScale), kTimeNodes, first_area_, areas_);

  const double decay_rate = ice.decay_rate();
  double log_survival[kXiNodes];
  LogDensity later[kXiNodes];
  for (int column = kTimeNodes - 1; column >= 0; --column) {
    const double area = first_area_ + column * area_step;
    const double time = kTimeScale * sinh_of(area);
    const DensityAtTime density(time, jitter_ns, ice);
    for (int row = 0; row < kXiNodes; ++row) {
      const double root = first_root_ + row * root_step;
      const double xi = root * root;
      const LogDensity here = density.at(xi);
      if (column == kTimeNodes - 1) {
        log_survival[row] = here.value + logarithm(tail_over_density(xi, decay_rate * time) / decay_rate);
      } else {
        log_survival[row] = log_sum(log_survival[row], log_cell(area, area_step, kTimeScale, here, later[row]));
      }
      later[row] = here;
      double* pair = &pairs_[2 * (static_cast<std::size_t>(row) * kTimeNodes + column)];
      pair[0] = here.value;
      pair[1] = std::min(log_survival[row], 0.0);
    }
  }
}

}  // namespace pandel
