#include "json.hpp"

#include <cstdint>
#include <limits>
#include <utility>

#include "decimal.hpp"

namespace pandel::json {
namespace {

constexpr int kDeepest = 64;

/// Length of the UTF-8 sequence at `at`, or 0 when it is none (overlong, surrogate, beyond U+10FFFF, cut off).
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u; };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xc0u) == 0x80u; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return tail(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    if (!tail(1) || !tail(2)) return 0;
    if (lead == 0xe0 && byte(1) < 0xa0) return 0;
    return lead == 0xed && byte(1) >= 0xa0 ? 0 : 3;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    if (!tail(1) || !tail(2) || !tail(3)) return 0;
    if (lead == 0xf0 && byte(1) < 0x90) return 0;
    return lead == 0xf4 && byte(1) >= 0x90 ? 0 : 4;
  }
  return 0;
}

void append_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

class Reader {
 public:
  explicit Reader(std::string_view text, bool non_finite) : text_(text), non_finite_(non_finite) {}

  Value whole() {
    Value value = any(0);
    skip_space();
    if (at_ != text_.size()) fail("more text after the value");
    return value;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw SyntaxError(what + " at byte " + std::to_string(at_)); }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) ++at_;
  }

  bool take(char wanted) {
    if (peek() != wanted || at_ >= text_.size()) return false;
    ++at_;
    return true;
  }

  void expect(char wanted) {
    if (!take(wanted)) fail(std::string("expected '") + wanted + "'");
  }

  Value word(std::string_view spelling, Value value) {
    if (text_.substr(at_, spelling.size()) != spelling) fail("no JSON value");
    at_ += spelling.size();
    return value;
  }

  Value any(int depth) {
    if (depth > kDeepest) fail("more than 64 levels");
    skip_space();
    switch (peek()) {
      case '{': return object(depth);
      case '[': return array(depth);
      case '"': return Value(string());
      case 't': return word("true", Value(true));
      case 'f': return word("false", Value(false));
      case 'n': return word("null", Value());
      case 'N': return non_finite("NaN", std::numeric_limits<double>::quiet_NaN());
      case 'I': return non_finite("Infinity", std::numeric_limits<double>::infinity());
      default: return number();
    }
  }

  Value non_finite(std::string_view spelling, double value) {
    if (!non_finite_) fail("no JSON value");
    return word(spelling, Value(value));
  }

  Value object(int depth) {
    Object members;
    expect('{');
    skip_space();
    if (take('}')) return Value(std::move(members));
    do {
      skip_space();
      std::string key = string();
      skip_space();
      expect(':');
      members.insert_or_assign(std::move(key), any(depth + 1));
      skip_space();
    } while (take(','));
    expect('}');
    return Value(std::move(members));
  }

  Value array(int depth) {
    Array items;
    expect('[');
    skip_space();
    if (take(']')) return Value(std::move(items));
    do {
      items.push_back(any(depth + 1));
      skip_space();
    } while (take(','));
    expect(']');
    return Value(std::move(items));
  }

  bool digits() {
    const std::size_t from = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ > from;
  }

  Value number() {
    const std::size_t from = at_;
    if (take('-') && peek() == 'I') return non_finite("Infinity", -std::numeric_limits<double>::infinity());
    if (!take('0') && !digits()) fail("no JSON value");
    if (take('.') && !digits()) fail("no digit after the decimal point");
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      if (!digits()) fail("no digit in the exponent");
    }
    double value;
    if (!read_decimal(text_.substr(from, at_ - from), value)) {
      if (!non_finite_) fail("a number beyond the range of a double");
      value = std::numeric_limits<double>::infinity();
    }
    return Value(value);
  }

  std::uint32_t hex4() {
    std::uint32_t code = 0;
    for (int i = 0; i < 4; ++i) {
      const char digit = peek();
      std::uint32_t value;
      if (digit >= '0' && digit <= '9') value = static_cast<std::uint32_t>(digit - '0');
      else if (digit >= 'a' && digit <= 'f') value = static_cast<std::uint32_t>(digit - 'a') + 10;
      else if (digit >= 'A' && digit <= 'F') value = static_cast<std::uint32_t>(digit - 'A') + 10;
      else fail("no hexadecimal digit");
      code = code << 4 | value;
      ++at_;
    }
    return code;
  }

  void escape(std::string& out) {
    const char kind = peek();
    ++at_;
    switch (kind) {
      case '"': case '\\': case '/': out += kind; return;
      case 'b': out += '\b'; return;
      case 'f': out += '\f'; return;
      case 'n': out += '\n'; return;
      case 'r': out += '\r'; return;
      case 't': out += '\t'; return;
      case 'u': break;
      default: fail("unknown escape");
    }
    std::uint32_t code = hex4();
    if (code >= 0xd800 && code <= 0xdbff) {
      if (!take('\\') || !take('u')) fail("half a surrogate pair");
      const std::uint32_t low = hex4();
      if (low < 0xdc00 || low > 0xdfff) fail("half a surrogate pair");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    } else if (code >= 0xdc00 && code <= 0xdfff) {
      fail("half a surrogate pair");
    }
    append_utf8(out, code);
  }

  std::string string() {
    expect('"');
    std::string out;
    for (;;) {
      if (at_ >= text_.size()) fail("unterminated string");
      const char c = text_[at_];
      if (c == '"') break;
      if (static_cast<unsigned char>(c) < 0x20) fail("control character in a string");
      if (c == '\\') {
        ++at_;
        escape(out);
        continue;
      }
      const std::size_t length = utf8_length(text_, at_);
      if (length == 0) fail("text that is not UTF-8");
      out.append(text_, at_, length);
      at_ += length;
    }
    ++at_;
    return out;
  }

  std::string_view text_;
  bool non_finite_;
  std::size_t at_ = 0;
};

}  // namespace

Value parse(std::string_view text) { return Reader(text, false).whole(); }
Value parse_with_non_finite(std::string_view text) { return Reader(text, true).whole(); }

const Value& member(const Object& object, std::string_view key) {
  static const Value none;
  const auto found = object.find(key);
  return found == object.end() ? none : found->second;
}

double required_number(const Object& object, std::string_view key) {
  const double* number = member(object, key).number();
  if (number == nullptr) throw ShapeError("'" + std::string(key) + "' must be a number");
  return *number;
}

const std::string& required_string(const Object& object, std::string_view key) {
  const std::string* text = member(object, key).string();
  if (text == nullptr) throw ShapeError("'" + std::string(key) + "' must be a string");
  return *text;
}

std::string format_number(double number) { return number - number == 0 ? write_decimal(number) : "null"; }

std::string format_string(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const unsigned char byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace pandel::json
