#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// A strict JSON reader (RFC 8259) and the writing of numbers and strings.
namespace pandel::json {

/// What is wrong with a text, and at which byte.
class SyntaxError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A value of the wrong kind, or one that is missing; the message names its key.
class ShapeError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Value;
using Array = std::vector<Value>;
/// Keys in byte order; of a repeated key the last one counts.
using Object = std::map<std::string, Value, std::less<>>;

class Value {
 public:
  Value() : held_(nullptr) {}
  explicit Value(bool flag) : held_(flag) {}
  explicit Value(double number) : held_(number) {}
  explicit Value(std::string text) : held_(std::move(text)) {}
  explicit Value(Array items) : held_(std::move(items)) {}
  explicit Value(Object members) : held_(std::move(members)) {}

  bool is_null() const { return std::holds_alternative<std::nullptr_t>(held_); }
  const bool* boolean() const { return std::get_if<bool>(&held_); }
  const double* number() const { return std::get_if<double>(&held_); }
  const std::string* string() const { return std::get_if<std::string>(&held_); }
  const Array* array() const { return std::get_if<Array>(&held_); }
  const Object* object() const { return std::get_if<Object>(&held_); }

 private:
  std::variant<std::nullptr_t, bool, double, std::string, Array, Object> held_;
};

/// Reads one value that fills the whole text. Refused: anything JSON does not know (NaN, comments, trailing commas), numbers beyond a
/// double, text that is not UTF-8, more than 64 levels. @throws SyntaxError
Value parse(std::string_view text);

/// The same, but NaN, Infinity, -Infinity and numbers beyond a double are numbers that are not finite: for data written by others, of which
/// the reader can say better what is wrong than that it is not JSON. @throws SyntaxError
Value parse_with_non_finite(std::string_view text);

/// The member, or a null value where there is none.
const Value& member(const Object& object, std::string_view key);

/// The member, which must be there. @throws ShapeError
double required_number(const Object& object, std::string_view key);
const std::string& required_string(const Object& object, std::string_view key);

/// The shortest decimal form that reads back as the same double; `null` for what is not finite.
std::string format_number(double number);

/// With its quotes; control characters, quotes and backslashes escaped, the rest as it is.
std::string format_string(std::string_view text);

}  // namespace pandel::json
