#include "event.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>
#include <utility>

namespace pandel {
namespace {

/// Modules 61 to 64 of a string stand in the tanks at the surface.
constexpr int kLastInIce = 60;

double finite(const json::Value& value, const std::string& what) {
  const double* number = value.number();
  if (number == nullptr || !std::isfinite(*number)) throw std::runtime_error(what + " is not a finite number");
  return *number;
}

int integer(const json::Object& module, std::string_view key, const std::string& where) {
  const double number = finite(json::member(module, key), where + "'s '" + std::string(key) + "'");
  if (number != std::floor(number) || std::fabs(number) > 1e6) throw std::runtime_error(where + "'s '" + std::string(key) + "' is not an integer");
  return static_cast<int>(number);
}

Pulse read_pulse(const json::Value& value, const std::string& where) {
  const json::Array* fields = value.array();
  if (fields == nullptr || fields->size() < 4) throw std::runtime_error(where + " is not [timeNs, charge, widthNs, flags]");
  const double flags = finite((*fields)[3], where + "'s flags");
  if (flags < 0 || flags > 255) throw std::runtime_error(where + "'s flags are not a byte");
  return {finite((*fields)[0], where + "'s time"), finite((*fields)[1], where + "'s charge"), static_cast<int>(flags)};
}

}  // namespace

std::vector<Module> read_modules(const json::Object& startup) {
  const json::Object* event = json::member(startup, "event").object();
  if (event == nullptr) throw std::runtime_error("the startup file carries no event (the manifest must say needs: [\"hits\"])");
  const json::Array* entries = json::member(*event, "doms").array();
  if (entries == nullptr || entries->empty()) throw std::runtime_error("the event has no modules with pulses");

  std::map<std::pair<int, int>, Module> by_key;
  for (std::size_t i = 0; i < entries->size(); ++i) {
    const json::Object* entry = (*entries)[i].object();
    const std::string position = "event.doms[" + std::to_string(i) + "]";
    if (entry == nullptr) throw std::runtime_error(position + " is not an object");
    const int string = integer(*entry, "string", position);
    const int om = integer(*entry, "om", position);
    if (om < 1 || om > kLastInIce) continue;
    const std::string where = "module (" + std::to_string(string) + "," + std::to_string(om) + ")";
    const json::Array* pulses = json::member(*entry, "pulses").array();
    if (pulses == nullptr) throw std::runtime_error(where + " has no list 'pulses'");
    if (pulses->empty()) continue;
    Module fresh{string, om, finite(json::member(*entry, "xM"), where + "'s xM"), finite(json::member(*entry, "yM"), where + "'s yM"),
                 finite(json::member(*entry, "zM"), where + "'s zM"), {}};
    const auto [place, added] = by_key.try_emplace({string, om}, std::move(fresh));
    if (!added) throw std::runtime_error(where + " is there twice");
    Module& module = place->second;
    for (std::size_t p = 0; p < pulses->size(); ++p) {
      module.pulses.push_back(read_pulse((*pulses)[p], where + "'s pulse " + std::to_string(p)));
    }
  }
  if (by_key.empty()) throw std::runtime_error("the event has no in-ice modules (om 1 to 60) with pulses");

  std::vector<Module> modules;
  for (auto& [key, module] : by_key) {
    std::stable_sort(module.pulses.begin(), module.pulses.end(), [](const Pulse& a, const Pulse& b) { return a.time_ns < b.time_ns; });
    modules.push_back(std::move(module));
  }
  return modules;
}

}  // namespace pandel
