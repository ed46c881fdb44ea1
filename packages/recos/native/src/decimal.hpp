#pragma once

#include <string>
#include <string_view>

/// Doubles to and from decimal text, exactly rounded, in no locale.
namespace pandel {

/// Reads a number spelled as JSON spells it. False when it is beyond the range of a double.
bool read_decimal(std::string_view text, double& value);

/// The shortest form that reads back as the same (finite) double.
std::string write_decimal(double value);

/// The same two without <charconv>, for compilers whose library lacks it for doubles (GCC before 11).
bool read_decimal_portable(std::string_view text, double& value);
std::string write_decimal_portable(double value);

}  // namespace pandel
