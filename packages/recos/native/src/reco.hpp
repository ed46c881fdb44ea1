#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fit.hpp"
#include "json.hpp"
#include "options.hpp"

/// One event, ready to be fitted in any direction.
namespace pandel {

/// Why a unit cannot be fitted, however often it is tried.
class BadInput : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Reco {
 public:
  /// An event that cannot be used makes a Reco whose every fit is refused with that reason. @throws std::runtime_error when the startup
  /// file is not one.
  Reco(const Options& options, const json::Object& startup);

  Reco(const Reco&) = delete;
  Reco& operator=(const Reco&) = delete;

  /// Fits a `unit` object's direction. @throws BadInput
  Fit fit(const json::Object& unit);

  /// A line for the log about what the event came to.
  const std::string& summary() const { return summary_; }

 private:
  FitSettings settings_;
  std::string refusal_;
  std::string summary_;
  std::vector<Hit> hits_;
  std::optional<Table> table_;
  std::optional<Likelihood> likelihood_;
};

}  // namespace pandel
