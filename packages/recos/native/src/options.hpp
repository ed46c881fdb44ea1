#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "fit.hpp"
#include "hits.hpp"
#include "likelihood.hpp"

/// What the command line says.
namespace pandel {

struct Options {
  LikelihoodSettings likelihood;
  HitSelection hits;
  FitSettings fit;
  /// What `ready` announces: the manifest's name and version.
  std::string name;
  std::string version;
  bool help;
};

/// A flag that is not known, or a value that is not allowed; the message says what is.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

extern const char* const kUsage;

/// Flags as `--flag value` or `--flag=value`; of a repeated one the last counts. @throws UsageError
Options read_options(const std::vector<std::string>& arguments);

}  // namespace pandel
