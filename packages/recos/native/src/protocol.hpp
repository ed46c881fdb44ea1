#pragma once

#include <stdexcept>

#include "options.hpp"

/// The reco's side of the reco protocol, version 1, mode `stream`.
namespace pandel {

/// The other side does not keep to the protocol, or the startup file cannot be read.
class ProtocolError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Answers units until the end of stdin. @throws ProtocolError, LineError
void serve(const Options& options);

}  // namespace pandel
