#pragma once

#include <array>
#include <cmath>

/// BFGS with analytic gradient for a few unknowns of like scale.
namespace pandel {

struct MinimiserSettings {
  /// Stops when the quadratic model promises less than this.
  double tolerance = 1e-3;
  int most_steps = 100;
  /// Longest first step, in the unknowns' unit.
  double first_step = 10.0;
  /// Longest step of all.
  double longest_step = 150.0;
};

template <std::size_t kSize>
struct Minimum {
  std::array<double, kSize> at;
  double value;
  bool converged;
};

/// Goes downhill from `start` to the nearest minimum. `evaluate(x)` gives an object with `value` and `gradient`, `first` is its result
/// at the start. The value never rises, whatever the function does.
template <std::size_t kSize, typename Evaluate, typename Evaluation>
Minimum<kSize> minimise(const std::array<double, kSize>& start, const Evaluation& first, const Evaluate& evaluate,
                        const MinimiserSettings& settings) {
  using Vector = std::array<double, kSize>;
  const auto dot = [](const Vector& a, const Vector& b) {
    double sum = 0;
    for (std::size_t i = 0; i < kSize; ++i) sum += a[i] * b[i];
    return sum;
  };

  Vector x = start;
  Evaluation here = first;
  std::array<Vector, kSize> inverse{};
  const auto reset = [&](double scale) {
    for (std::size_t i = 0; i < kSize; ++i) {
      inverse[i].fill(0.0);
      inverse[i][i] = scale;
    }
  };
  const double steepness = std::sqrt(dot(here.gradient, here.gradient));
  bool fresh = true;
  reset(steepness > 0 ? settings.first_step / steepness : 1.0);

  for (int step = 0; step < settings.most_steps; ++step) {
    Vector direction;
    for (std::size_t i = 0; i < kSize; ++i) direction[i] = -dot(inverse[i], here.gradient);
    double slope = dot(direction, here.gradient);
    if (!(slope < 0)) return {x, here.value, slope == 0};
    const double length = std::sqrt(dot(direction, direction));
    if (!fresh && -0.5 * slope < settings.tolerance) return {x, here.value, true};
    double factor = std::fmin(1.0, settings.longest_step / length);

    // Halving towards the parabola's minimum until the value falls enough (Armijo); growing while it falls as steeply as at the start.
    Vector there{};
    Evaluation next = here;
    bool fell = false;
    for (int trial = 0; trial < 12; ++trial) {
      for (std::size_t i = 0; i < kSize; ++i) there[i] = x[i] + factor * direction[i];
      next = evaluate(there);
      if (next.value <= here.value + 1e-4 * factor * slope) {
        fell = true;
        break;
      }
      const double parabola = -0.5 * slope * factor * factor / (next.value - here.value - slope * factor);
      factor = parabola > 0.1 * factor && parabola < 0.5 * factor ? parabola : (parabola >= 0.5 * factor ? 0.5 * factor : 0.1 * factor);
    }
    if (!fell) {
      if (fresh) return {x, here.value, false};
      const double now = std::sqrt(dot(here.gradient, here.gradient));
      reset(1.0 / now);
      fresh = true;
      continue;
    }

    Vector moved, turned;
    for (std::size_t i = 0; i < kSize; ++i) {
      moved[i] = there[i] - x[i];
      turned[i] = next.gradient[i] - here.gradient[i];
    }
    const double curvature = dot(moved, turned);
    const double turned_square = dot(turned, turned);
    if (curvature > 1e-10 * std::sqrt(dot(moved, moved) * turned_square)) {
      if (fresh) reset(curvature / turned_square);
      fresh = false;
      Vector product;
      for (std::size_t i = 0; i < kSize; ++i) product[i] = dot(inverse[i], turned);
      const double scale = (1.0 + dot(turned, product) / curvature) / curvature;
      for (std::size_t i = 0; i < kSize; ++i) {
        for (std::size_t j = 0; j < kSize; ++j) {
          inverse[i][j] += scale * moved[i] * moved[j] - (product[i] * moved[j] + moved[i] * product[j]) / curvature;
        }
      }
    } else if (fresh) {
      // Downwards curved: go further next time.
      reset(inverse[0][0] * 3.0);
    }
    x = there;
    here = next;
  }
  return {x, here.value, false};
}

}  // namespace pandel
