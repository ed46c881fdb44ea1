#include "reco.hpp"

#include <cmath>

#include "elementary.hpp"
#include "event.hpp"

namespace pandel {
namespace {

std::optional<double> number_or_null(const json::Object& object, std::string_view key, const char* of) {
  const json::Value& value = json::member(object, key);
  if (value.is_null()) return std::nullopt;
  if (value.number() == nullptr) throw BadInput(std::string(of) + "." + std::string(key) + " is neither a number nor null");
  return *value.number();
}

double angle(const json::Object& direction, std::string_view key, double low, double high) {
  const std::optional<double> value = number_or_null(direction, key, "direction");
  if (!value) throw BadInput("direction." + std::string(key) + " is missing");
  if (!(*value >= low && *value <= high)) {
    throw BadInput("direction." + std::string(key) + " is " + json::format_number(*value) + ", allowed is " + json::format_number(low) + " to " +
                   json::format_number(high));
  }
  return *value;
}

std::optional<FitSeed> read_seed(const json::Object& unit) {
  const json::Value& value = json::member(unit, "seed");
  if (value.is_null()) return std::nullopt;
  const json::Object* seed = value.object();
  if (seed == nullptr) throw BadInput("seed is neither an object nor null");
  const std::optional<double> x = number_or_null(*seed, "xM", "seed");
  const std::optional<double> y = number_or_null(*seed, "yM", "seed");
  const std::optional<double> z = number_or_null(*seed, "zM", "seed");
  const std::optional<double> time = number_or_null(*seed, "timeNs", "seed");
  if (!x || !y || !z) return std::nullopt;
  return FitSeed{{*x, *y, *z}, time};
}

}  // namespace

Reco::Reco(const Options& options, const json::Object& startup) : settings_(options.fit) {
  const json::Value& version = json::member(startup, "version");
  if (!version.is_null() && (version.number() == nullptr || *version.number() != 1.0)) {
    throw std::runtime_error("the startup file is not of schema version 1");
  }
  try {
    const std::vector<Module> modules = read_modules(startup);
    Preparation prepared = prepare_hits(modules, options.hits);
    hits_ = std::move(prepared.hits);
    summary_ = std::to_string(hits_.size()) + " hits from " + std::to_string(prepared.cleaned_pulses) + " of " +
               std::to_string(prepared.pulses) + " pulses in " + std::to_string(modules.size()) + " modules";
  } catch (const std::runtime_error& problem) {
    refusal_ = problem.what();
    summary_ = "no fit possible: " + refusal_;
    return;
  }
  table_.emplace(options.likelihood.jitter_ns, options.likelihood.ice);
  likelihood_.emplace(options.likelihood, *table_, hits_);
}

Fit Reco::fit(const json::Object& unit) {
  if (!likelihood_) throw BadInput(refusal_);
  const json::Object* direction = json::member(unit, "direction").object();
  if (direction == nullptr) throw BadInput("direction is missing");
  // A pixel centre at the pole may come out a rounding beyond pi.
  const double zenith = angle(*direction, "zenithRad", 0.0, kPi + 1e-9);
  const double azimuth = angle(*direction, "azimuthRad", -1e6, 1e6);
  return fit_direction(*likelihood_, zenith, azimuth, read_seed(unit), settings_);
}

}  // namespace pandel
