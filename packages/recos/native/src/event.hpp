#pragma once

#include <string>
#include <vector>

#include "json.hpp"

/// The pulses of an event as the startup file carries them (schema version 1).
namespace pandel {

enum PulseFlag : int { kLocalCoincidence = 1 };

struct Pulse {
  double time_ns;
  double charge;
  int flags;
};

/// An optical module with pulses; its position in detector coordinates, m.
struct Module {
  int string;
  int om;
  double x, y, z;
  /// In time order.
  std::vector<Pulse> pulses;
};

/// The in-ice modules (om 1 to 60) that have pulses. @throws std::runtime_error naming the module and the value when the event cannot be
/// used: no event, no modules, a module twice, a position, time or charge that is no finite number.
std::vector<Module> read_modules(const json::Object& startup);

}  // namespace pandel
