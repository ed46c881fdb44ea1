#include "options.hpp"

#include <optional>

#include "decimal.hpp"

namespace pandel {

const char* const kUsage =
    "usage: pandel [--model mpe|spe] [--hits srt|hlc] [--starts 5|9] [--jitter NS] [--floor PER_NS] [--tolerance LLH]\n"
    "              [--ice standard|lambda_off10|absorption_off10] [--lambda M] [--absorption M] [--name NAME] [--version VERSION]\n"
    "A track reconstruction that speaks the reco protocol, version 1, on stdin and stdout.\n"
    "  --model      mpe (default): first of many photons; spe: first photon as the only one\n"
    "  --hits       srt (default): seeded radius-time cleaning and a 6000 ns window; hlc: all pulses in local coincidence\n"
    "  --starts     starting points of a fit (default 5)\n"
    "  --jitter     width of the Gauss around the arrival times in ns, 1 to 100 (default 4 for mpe, 15 for spe)\n"
    "  --floor      noise floor of the density per ns, above 0 and below 1 (default 1e-8)\n"
    "  --ice        standard (default): lambda 33.3 m, absorption 98 m; lambda_off10: lambda 29.97 m; absorption_off10: absorption 107.8 m\n"
    "  --lambda     scattering length lambda of the Pandel function in m, 20 to 50, instead of the ice's\n"
    "  --absorption absorption length in m, 50 to 200, instead of the ice's\n"
    "  --tolerance  a fit ends when it expects to gain less than this (default 1e-3)\n"
    "  --name, --version  what the manifest says (default pandel or pandel_spe by the model, 1.0.0)\n";

namespace {

double number_between(const std::string& flag, const std::string& text, double low, double high) {
  // read_decimal_portable takes what strtod takes, so the spelling is checked by reading it to its end.
  double value = 0;
  const bool spelled = !text.empty() && text.find_first_not_of("0123456789.eE+-") == std::string::npos;
  if (!spelled || !read_decimal(text, value) || !(value >= low && value <= high)) {
    throw UsageError(flag + " is '" + text + "', allowed is a number from " + write_decimal(low) + " to " + write_decimal(high));
  }
  return value;
}

[[noreturn]] void refuse(const std::string& flag, const std::string& value, const std::string& allowed) {
  throw UsageError(flag + " is '" + value + "', allowed is " + allowed);
}

/// Where the tables hold: with these xi of a track's light stays between their borders, and F falls by their end.
constexpr double kShortestScattering = 20.0, kLongestScattering = 50.0;
constexpr double kShortestAbsorption = 50.0, kLongestAbsorption = 200.0;

/// What a recorded event may differ by: either length a tenth off, to the side on which light comes later.
Ice ice_of(const std::string& flag, const std::string& name) {
  const Ice standard;
  if (name == "standard") return standard;
  if (name == "lambda_off10") return {0.9 * standard.scattering_m, standard.absorption_m};
  if (name == "absorption_off10") return {standard.scattering_m, 1.1 * standard.absorption_m};
  refuse(flag, name, "standard, lambda_off10 or absorption_off10");
}

}  // namespace

Options read_options(const std::vector<std::string>& arguments) {
  Options options{{Model::kFirstOfMany, 0, 1e-8, {}}, HitSelection::kSeededRadiusTime, {}, "", "1.0.0", false};
  std::optional<double> jitter, scattering, absorption;
  Ice ice;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string flag = arguments[i];
    if (flag == "--help" || flag == "-h") {
      options.help = true;
      return options;
    }
    std::string value;
    const std::size_t equals = flag.find('=');
    if (equals != std::string::npos) {
      value = flag.substr(equals + 1);
      flag.resize(equals);
    } else if (i + 1 < arguments.size()) {
      value = arguments[++i];
    } else {
      throw UsageError("'" + flag + "' is not a flag, or has no value");
    }

    if (flag == "--model") {
      if (value == "mpe") options.likelihood.model = Model::kFirstOfMany;
      else if (value == "spe") options.likelihood.model = Model::kFirstOfOne;
      else refuse(flag, value, "mpe or spe");
    } else if (flag == "--hits") {
      if (value == "srt") options.hits = HitSelection::kSeededRadiusTime;
      else if (value == "hlc") options.hits = HitSelection::kLocalCoincidence;
      else refuse(flag, value, "srt or hlc");
    } else if (flag == "--starts") {
      if (value != "5" && value != "9") refuse(flag, value, "5 or 9");
      options.fit.starts = value == "5" ? 5 : 9;
    } else if (flag == "--jitter") {
      jitter = number_between(flag, value, 1.0, 100.0);
    } else if (flag == "--floor") {
      options.likelihood.floor = number_between(flag, value, 1e-30, 1.0);
    } else if (flag == "--ice") {
      ice = ice_of(flag, value);
    } else if (flag == "--lambda") {
      scattering = number_between(flag, value, kShortestScattering, kLongestScattering);
    } else if (flag == "--absorption") {
      absorption = number_between(flag, value, kShortestAbsorption, kLongestAbsorption);
    } else if (flag == "--tolerance") {
      options.fit.tolerance = number_between(flag, value, 1e-9, 1.0);
    } else if (flag == "--name") {
      options.name = value;
    } else if (flag == "--version") {
      options.version = value;
    } else {
      throw UsageError("unknown flag '" + flag + "'");
    }
  }
  const bool of_many = options.likelihood.model == Model::kFirstOfMany;
  options.likelihood.ice = {scattering.value_or(ice.scattering_m), absorption.value_or(ice.absorption_m)};
  options.likelihood.jitter_ns = jitter.value_or(of_many ? 4.0 : 15.0);
  if (options.name.empty()) options.name = of_many ? "pandel" : "pandel_spe";
  return options;
}

}  // namespace pandel
