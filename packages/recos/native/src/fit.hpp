#pragma once

#include <optional>

#include "likelihood.hpp"

/// The lowest -ln L of one direction.
namespace pandel {

struct FitSettings {
  /// 5: the hits' centre and 40 m to either side of it in u and v; 9: the four corners too.
  int starts = 5;
  double tolerance = 1e-3;
};

/// Where to look too: a vertex found for a nearby direction, say. The time may be unknown.
struct FitSeed {
  Point position;
  std::optional<double> time_ns;
};

struct Fit {
  double llh;
  Vertex vertex;
};

/// Fits transverse position and time from several starts; a seed is one start more and replaces none, so that no pixel gets worse by a bad
/// seed. Depends on its arguments only.
Fit fit_direction(Likelihood& likelihood, double zenith_rad, double azimuth_rad, const std::optional<FitSeed>& seed,
                  const FitSettings& settings);

}  // namespace pandel
