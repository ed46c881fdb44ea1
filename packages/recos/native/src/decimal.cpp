#include "decimal.hpp"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace pandel {

// The process never calls setlocale, so strtod and snprintf stay in the "C" locale.
bool read_decimal_portable(std::string_view text, double& value) {
  value = std::strtod(std::string(text).c_str(), nullptr);
  return std::isfinite(value);
}

std::string write_decimal_portable(double value) {
  char text[40];
  for (int digits = 1;; ++digits) {
    std::snprintf(text, sizeof text, "%.*g", digits, value);
    if (digits == 17 || std::strtod(text, nullptr) == value) return text;
  }
}

#if defined(__cpp_lib_to_chars) && __cpp_lib_to_chars >= 201611L

bool read_decimal(std::string_view text, double& value) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  // from_chars reports a number too small for a double like one too large; the former is a zero or a subnormal, and harmless.
  if (problem == std::errc::result_out_of_range) return read_decimal_portable(text, value);
  return problem == std::errc() && end == text.data() + text.size();
}

std::string write_decimal(double value) {
  char text[32];
  const auto [end, problem] = std::to_chars(text, text + sizeof text, value);
  return problem == std::errc() ? std::string(text, end) : write_decimal_portable(value);
}

#else

bool read_decimal(std::string_view text, double& value) { return read_decimal_portable(text, value); }
std::string write_decimal(double value) { return write_decimal_portable(value); }

#endif

}  // namespace pandel
