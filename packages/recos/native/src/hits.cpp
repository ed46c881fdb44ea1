#include "hits.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>

namespace pandel {
namespace {

constexpr double kRadius = 150.0;
constexpr double kTimeSpan = 1000.0;
constexpr int kSeedNeighbours = 2;
constexpr int kGrowingRounds = 3;
constexpr double kWindow = 6000.0;

struct Flat {
  std::size_t module;
  Pulse pulse;
};

std::vector<Flat> flatten(const std::vector<Module>& modules) {
  std::vector<Flat> pulses;
  for (std::size_t m = 0; m < modules.size(); ++m) {
    for (const Pulse& pulse : modules[m].pulses) pulses.push_back({m, pulse});
  }
  std::stable_sort(pulses.begin(), pulses.end(), [](const Flat& a, const Flat& b) { return a.pulse.time_ns < b.pulse.time_ns; });
  return pulses;
}

bool coincident(const Flat& flat) { return (flat.pulse.flags & kLocalCoincidence) != 0; }

/// Calls `visit(j)` for every other pulse within the radius and the time span of pulse i, until it returns false. `pulses` is in time order.
template <typename Visit>
void neighbours(const std::vector<Module>& modules, const std::vector<Flat>& pulses, std::size_t i, const Visit& visit) {
  const Module& here = modules[pulses[i].module];
  const auto near = [&](std::size_t j) {
    const Module& there = modules[pulses[j].module];
    const double dx = here.x - there.x, dy = here.y - there.y, dz = here.z - there.z;
    return dx * dx + dy * dy + dz * dz <= kRadius * kRadius;
  };
  for (std::size_t j = i; j-- > 0 && pulses[i].pulse.time_ns - pulses[j].pulse.time_ns <= kTimeSpan;) {
    if (near(j) && !visit(j)) return;
  }
  for (std::size_t j = i + 1; j < pulses.size() && pulses[j].pulse.time_ns - pulses[i].pulse.time_ns <= kTimeSpan; ++j) {
    if (near(j) && !visit(j)) return;
  }
}

/// Seeds are coincident pulses with at least two coincident neighbours in other modules; then, three times, whatever has a neighbour among
/// those kept so far is kept too.
std::vector<Flat> clean_by_radius_and_time(const std::vector<Module>& modules, const std::vector<Flat>& pulses) {
  std::vector<char> kept(pulses.size(), 0);
  for (std::size_t i = 0; i < pulses.size(); ++i) {
    if (!coincident(pulses[i])) continue;
    int count = 0;
    neighbours(modules, pulses, i, [&](std::size_t j) {
      if (coincident(pulses[j]) && pulses[j].module != pulses[i].module) ++count;
      return count < kSeedNeighbours;
    });
    kept[i] = count >= kSeedNeighbours;
  }
  for (int round = 0; round < kGrowingRounds; ++round) {
    const std::vector<char> before = kept;
    for (std::size_t i = 0; i < pulses.size(); ++i) {
      if (before[i]) continue;
      neighbours(modules, pulses, i, [&](std::size_t j) {
        kept[i] = before[j];
        return !kept[i];
      });
    }
  }
  std::vector<Flat> cleaned;
  for (std::size_t i = 0; i < pulses.size(); ++i) {
    if (kept[i]) cleaned.push_back(pulses[i]);
  }
  return cleaned;
}

/// The pulses of the window that holds most modules; of equally good ones the earliest. `pulses` is in time order.
std::vector<Flat> fullest_window(const std::vector<Flat>& pulses, std::size_t modules) {
  std::vector<int> inside(modules, 0);
  std::size_t count = 0, most = 0, best_from = 0, best_to = 0, to = 0;
  for (std::size_t from = 0; from < pulses.size(); ++from) {
    for (; to < pulses.size() && pulses[to].pulse.time_ns - pulses[from].pulse.time_ns <= kWindow; ++to) {
      if (inside[pulses[to].module]++ == 0) ++count;
    }
    if (count > most) {
      most = count;
      best_from = from;
      best_to = to;
    }
    if (--inside[pulses[from].module] == 0) --count;
  }
  return {pulses.begin() + static_cast<std::ptrdiff_t>(best_from), pulses.begin() + static_cast<std::ptrdiff_t>(best_to)};
}

}  // namespace

Preparation prepare_hits(const std::vector<Module>& modules, HitSelection selection) {
  const std::vector<Flat> all = flatten(modules);
  std::vector<Flat> pulses;
  std::size_t cleaned_pulses;
  if (selection == HitSelection::kSeededRadiusTime) {
    const std::vector<Flat> cleaned = clean_by_radius_and_time(modules, all);
    cleaned_pulses = cleaned.size();
    pulses = fullest_window(cleaned, modules.size());
  } else {
    std::copy_if(all.begin(), all.end(), std::back_inserter(pulses), coincident);
    cleaned_pulses = pulses.size();
  }

  std::vector<Hit> by_module(modules.size());
  std::vector<char> hit(modules.size(), 0);
  for (const Flat& flat : pulses) {
    const Module& module = modules[flat.module];
    if (!hit[flat.module]) {
      hit[flat.module] = 1;
      by_module[flat.module] = {module.x, module.y, module.z, flat.pulse.time_ns, 0.0, module.string};
    }
    by_module[flat.module].charge += flat.pulse.charge;
  }
  Preparation prepared{{}, static_cast<int>(all.size()), static_cast<int>(cleaned_pulses)};
  std::set<int> strings;
  for (std::size_t m = 0; m < modules.size(); ++m) {
    if (!hit[m]) continue;
    prepared.hits.push_back(by_module[m]);
    strings.insert(by_module[m].string);
  }
  const std::string of_all = " of " + std::to_string(all.size()) + " pulses in " + std::to_string(modules.size()) + " modules";
  if (prepared.hits.empty()) {
    throw std::runtime_error("no hits left" + of_all + (selection == HitSelection::kSeededRadiusTime
                                                            ? ": no local coincidences to start the cleaning from (--hits srt)"
                                                            : ": none is a local coincidence (--hits hlc)"));
  }
  if (strings.size() < 2) {
    throw std::runtime_error("the " + std::to_string(prepared.hits.size()) + " hits left" + of_all + " are all on string " +
                             std::to_string(*strings.begin()) + ", which tells no direction");
  }
  return prepared;
}

}  // namespace pandel
