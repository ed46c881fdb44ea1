#pragma once

#include <string>
#include <vector>

#include "event.hpp"

/// From pulses to what the likelihood takes: one hit per module.
namespace pandel {

enum class HitSelection {
  /// Seeded radius-time cleaning, then the window that holds most modules.
  kSeededRadiusTime,
  /// Every pulse in local coincidence (HLC).
  kLocalCoincidence,
};

/// The first remaining pulse of a module, and the charge of all its remaining pulses.
struct Hit {
  double x, y, z;
  double time_ns;
  double charge;
  int string;
};

struct Preparation {
  std::vector<Hit> hits;
  int pulses;
  int cleaned_pulses;
};

/// Hits in the order of the modules. @throws std::runtime_error with the reason when none are left, or only those of one string, which
/// do not tell a direction.
Preparation prepare_hits(const std::vector<Module>& modules, HitSelection selection);

}  // namespace pandel
