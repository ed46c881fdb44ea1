#include "protocol.hpp"

#include <unistd.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>

#include "json.hpp"
#include "lines.hpp"
#include "reco.hpp"

namespace pandel {
namespace {

constexpr double kProtocol = 1.0;

json::Value read_startup(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw ProtocolError("the startup file '" + path + "' cannot be opened");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (file.bad()) throw ProtocolError("the startup file '" + path + "' cannot be read");
  try {
    json::Value startup = json::parse_with_non_finite(text);
    if (startup.object() == nullptr) throw ProtocolError("the startup file '" + path + "' holds no object");
    return startup;
  } catch (const json::SyntaxError& problem) {
    throw ProtocolError("the startup file '" + path + "' is not JSON: " + problem.what());
  }
}

std::unique_ptr<Reco> start(const Options& options, const json::Object& message, LineWriter& out) {
  const double protocol = json::required_number(message, "protocol");
  if (protocol != kProtocol) throw ProtocolError("this reco speaks protocol 1, not " + json::format_number(protocol));
  const std::string& path = json::required_string(message, "startup");
  auto reco = std::make_unique<Reco>(options, *read_startup(path).object());
  std::cerr << options.name << ": " << reco->summary() << std::endl;
  out.add("{\"type\":\"ready\",\"protocol\":1,\"name\":" + json::format_string(options.name) +
          ",\"version\":" + json::format_string(options.version) + "}");
  return reco;
}

std::string result_line(const std::string& unit, const Fit& fit) {
  // What has no likelihood has no vertex either.
  const bool fitted = fit.llh - fit.llh == 0;
  const auto number = [fitted](double value) { return fitted ? json::format_number(value) : std::string("null"); };
  return "{\"type\":\"result\",\"unit\":" + json::format_string(unit) + ",\"llh\":" + number(fit.llh) +
         ",\"eInGeV\":null,\"eTotGeV\":null,\"xM\":" + number(fit.vertex.position.x) + ",\"yM\":" + number(fit.vertex.position.y) +
         ",\"zM\":" + number(fit.vertex.position.z) + ",\"timeNs\":" + number(fit.vertex.time_ns) + "}";
}

std::string answer(Reco& reco, const json::Object& message) {
  const std::string& unit = json::required_string(message, "unit");
  try {
    return result_line(unit, reco.fit(message));
  } catch (const BadInput& problem) {
    return "{\"type\":\"error\",\"unit\":" + json::format_string(unit) +
           ",\"code\":\"bad-input\",\"message\":" + json::format_string(problem.what()) + ",\"retry\":false}";
  }
}

}  // namespace

void serve(const Options& options) {
  LineReader lines(STDIN_FILENO);
  LineWriter answers(STDOUT_FILENO);
  std::unique_ptr<Reco> reco;
  std::string line;
  while (lines.next(line)) {
    try {
      const json::Value parsed = json::parse(line);
      if (parsed.object() == nullptr) throw ProtocolError("a line is not an object");
      const json::Object& message = *parsed.object();
      const std::string& type = json::required_string(message, "type");
      if (type == "start") {
        if (reco) throw ProtocolError("a second 'start'");
        reco = start(options, message, answers);
      } else if (type == "unit") {
        if (!reco) throw ProtocolError("a 'unit' before 'start'");
        answers.add(answer(*reco, message));
      }
    } catch (const json::SyntaxError& problem) {
      throw ProtocolError(std::string("a line is not JSON: ") + problem.what());
    } catch (const json::ShapeError& problem) {
      throw ProtocolError(std::string("a line is no message: ") + problem.what());
    }
    // With more to do at hand, an answer waits a moment for the next one.
    if (!lines.has_next()) answers.flush();
  }
}

}  // namespace pandel
