#include "hits.hpp"

#include "check.hpp"

using namespace pandel;
using namespace check;

namespace {

constexpr int kHlc = 7;
constexpr int kSlc = 4;

Module module(int string, int om, double x, double z, std::vector<Pulse> pulses) { return {string, om, x, 0, z, std::move(pulses)}; }

/// Three coincident modules 17 m apart on two strings: the seed of every case.
std::vector<Module> core(double time = 10000) {
  return {module(1, 1, 0, 0, {{time, 1, kHlc}}), module(1, 2, 0, -17, {{time + 20, 1, kHlc}}), module(2, 1, 17, 0, {{time + 40, 1, kHlc}})};
}

std::size_t hits_with(std::vector<Module> more) {
  std::vector<Module> modules = core();
  for (Module& extra : more) modules.push_back(std::move(extra));
  return prepare_hits(modules, HitSelection::kSeededRadiusTime).hits.size();
}

}  // namespace

GUARANTEE("cleaning keeps what is within 150 m and 1000 ns of what is kept, and drops the rest") {
  expect_equal(hits_with({}), 3u, "the seeds");
  expect_equal(hits_with({module(3, 1, 150, 0, {{10900, 1, kSlc}})}), 4u, "near in space and time");
  expect_equal(hits_with({module(3, 1, 168, 0, {{10000, 1, kSlc}})}), 3u, "too far");
  expect_equal(hits_with({module(3, 1, 100, 0, {{11041, 1, kSlc}})}), 3u, "too late");
}

GUARANTEE("cleaning grows for three rounds and no further") {
  const std::vector<Module> chain = {module(3, 1, 150, 0, {{10000, 1, kSlc}}), module(4, 1, 290, 0, {{10000, 1, kSlc}}),
                                     module(5, 1, 430, 0, {{10000, 1, kSlc}}), module(6, 1, 570, 0, {{10000, 1, kSlc}})};
  expect_equal(hits_with(chain), 6u, "three of the chain of four");
}

GUARANTEE("pulses of one module do not make a seed of each other, but let each other grow") {
  const std::vector<Module> lonely = {module(1, 1, 0, 0, {{100, 1, kHlc}, {110, 1, kHlc}, {120, 1, kHlc}}), module(2, 1, 17, 0, {{130, 1, kSlc}})};
  expect_throw<std::runtime_error>([&] { prepare_hits(lonely, HitSelection::kSeededRadiusTime); }, "no hits left", "one module");
  std::vector<Module> modules = core();
  modules[0].pulses.push_back({10900, 2, kSlc});
  modules[0].pulses.push_back({11800, 4, kSlc});
  const Preparation prepared = prepare_hits(modules, HitSelection::kSeededRadiusTime);
  expect_equal(prepared.hits[0].charge, 7.0, "afterpulses reached in steps of the module itself");
}

GUARANTEE("the 6000 ns window that holds most modules wins, the earliest of equals") {
  std::vector<Module> modules = core(30000);
  std::vector<Module> early = core(10000);
  for (std::size_t i = 0; i < modules.size(); ++i) modules[i].pulses.insert(modules[i].pulses.begin(), early[i].pulses[0]);
  expect_equal(prepare_hits(modules, HitSelection::kSeededRadiusTime).hits[0].time_ns, 10000.0, "equal windows");
  modules.push_back(module(3, 1, 34, 0, {{30010, 1, kHlc}}));
  expect_equal(prepare_hits(modules, HitSelection::kSeededRadiusTime).hits[0].time_ns, 30000.0, "a fuller later window");
}

GUARANTEE("a hit has the time of the module's first remaining pulse and the charge of all of them") {
  std::vector<Module> modules = core();
  modules[1].pulses = {{2000, 9, kSlc}, {10020, 1.5, kHlc}, {10300, 2.25, kSlc}};
  const Preparation srt = prepare_hits(modules, HitSelection::kSeededRadiusTime);
  expect_equal(srt.hits[1].time_ns, 10020.0, "time after cleaning");
  expect_equal(srt.hits[1].charge, 3.75, "charge after cleaning");
  const Preparation hlc = prepare_hits(modules, HitSelection::kLocalCoincidence);
  expect_equal(hlc.hits[1].charge, 1.5, "charge of coincident pulses alone");
  expect_equal(hlc.cleaned_pulses, 3, "coincident pulses");
}

GUARANTEE("hits that tell no direction are refused with the reason") {
  const std::vector<Module> noise = {module(1, 1, 0, 0, {{100, 1, kSlc}}), module(2, 1, 17, 0, {{110, 1, kSlc}})};
  expect_throw<std::runtime_error>([&] { prepare_hits(noise, HitSelection::kLocalCoincidence); }, "no hits left", "no coincidence");
  const std::vector<Module> string = {module(7, 1, 0, 0, {{100, 1, kHlc}}), module(7, 2, 0, 17, {{110, 1, kHlc}}), module(7, 3, 0, 34, {{120, 1, kHlc}})};
  expect_throw<std::runtime_error>([&] { prepare_hits(string, HitSelection::kSeededRadiusTime); }, "string 7", "one string");
}
