#include "fit.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "ice.hpp"
#include "minimiser.hpp"

namespace pandel {
namespace {

constexpr double kStartOffset = 40.0;
constexpr double kQuantiles[] = {0.0, 0.05, 0.15, 0.3, 0.5, 0.7};

struct Start {
  Unknowns at;
  Evaluation value;
};

/// The best of six times, such that a part of the hits is early and the rest late.
Start best_time(Likelihood& likelihood, double u, double v) {
  const std::vector<double>& starts = likelihood.undelayed_starts(u, v);
  Start best{{}, {std::numeric_limits<double>::infinity(), {}}};
  for (const double quantile : kQuantiles) {
    const std::size_t rank = static_cast<std::size_t>(quantile * static_cast<double>(starts.size() - 1) + 0.5);
    const Unknowns at{u, v, starts[rank]};
    const Evaluation value = likelihood.at(at);
    if (value.value < best.value.value) best = {at, value};
  }
  return best;
}

}  // namespace

Fit fit_direction(Likelihood& likelihood, double zenith_rad, double azimuth_rad, const std::optional<FitSeed>& seed,
                  const FitSettings& settings) {
  likelihood.look_at(zenith_rad, azimuth_rad);
  std::vector<Start> starts;
  for (int u = -1; u <= 1; ++u) {
    for (int v = -1; v <= 1; ++v) {
      if (settings.starts == 5 && u != 0 && v != 0) continue;
      starts.push_back(best_time(likelihood, u * kStartOffset, v * kStartOffset));
    }
  }
  if (seed) {
    const Unknowns at = likelihood.unknowns_of({seed->position, seed->time_ns.value_or(0.0)});
    Start start = best_time(likelihood, at[0], at[1]);
    if (seed->time_ns) {
      const Evaluation value = likelihood.at(at);
      if (value.value < start.value.value) start = {at, value};
    }
    starts.push_back(start);
  }

  MinimiserSettings minimiser;
  minimiser.tolerance = settings.tolerance;
  Minimum<3> best{{}, std::numeric_limits<double>::infinity(), false};
  for (const Start& start : starts) {
    const auto evaluate = [&](const Unknowns& x) { return likelihood.at(x); };
    const Minimum<3> found = minimise<3>(start.at, start.value, evaluate, minimiser);
    if (found.value < best.value) best = found;
  }
  return {best.value, likelihood.vertex_of(best.at)};
}

}  // namespace pandel
