#include "json.hpp"

#include <cstdint>
#include <cstring>

#include "check.hpp"
#include "decimal.hpp"

using namespace pandel;
using namespace check;

GUARANTEE("what JSON allows is read") {
  const json::Value value = json::parse(" {\"a\" : [1, -2.5e3 ,0.0, true,false , null], \"b\":{\"\\u00e9\\ud83d\\ude00\\n\\/\":\"\xc3\xa9\"}, \"a2\":[],\"a\":[7]} \r\n");
  const json::Object& object = *value.object();
  expect_equal(*(*json::member(object, "a").array())[0].number(), 7.0, "the last of a repeated key");
  const json::Object& inner = *json::member(object, "b").object();
  expect_equal(*json::member(inner, "\xc3\xa9\xf0\x9f\x98\x80\n/").string(), std::string("\xc3\xa9"), "escapes");
  expect(json::member(object, "none").is_null(), "a missing member is null");
}

GUARANTEE("what JSON does not allow is refused") {
  for (const char* text : {"", " ", "{", "[1,]", "{\"a\":1,}", "{a:1}", "NaN", "Infinity", "-", "01", "1.", ".5", "1e", "+1", "1 2", "nul", "'a'", "\"a",
                           "\"\x01\"", "\"\\x\"", "\"\\ud800\"", "\"\\ude00\"", "\"\\u12g4\"", "1e999", "\"\xff\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"",
                           "{\"a\" 1}", "[1 2]", "// c\n1", "{\"a\":1}}"}) {
    expect_throw<json::SyntaxError>([&] { json::parse(text); }, "byte", std::string("text ") + text);
  }
  expect_throw<json::SyntaxError>([] { json::parse(std::string(100, '[') + std::string(100, ']')); }, "64 levels", "depth");
}

GUARANTEE("where asked for, numbers that are not finite are read as such, and nothing else is taken") {
  const json::Value value = json::parse_with_non_finite("[NaN,Infinity,-Infinity,1e999,-1e999,-2]");
  const json::Array& items = *value.array();
  expect(std::isnan(*items[0].number()), "NaN");
  for (std::size_t i = 1; i < 5; ++i) expect(std::isinf(*items[i].number()), "infinite");
  expect_equal(*items[2].number(), -INFINITY, "-Infinity");
  expect_equal(*items[5].number(), -2.0, "a finite one");
  for (const char* text : {"nan", "-NaN", "Inf", "+Infinity", "-", "[1,]", "NaNs"}) {
    expect_throw<json::SyntaxError>([&] { json::parse_with_non_finite(text); }, "byte", std::string("text ") + text);
  }
}

GUARANTEE("numbers are written in the shortest form that reads back the same, with and without <charconv>") {
  expect_equal(json::format_number(0.1), std::string("0.1"), "0.1");
  expect_equal(json::format_number(881), std::string("881"), "881");
  expect_equal(json::format_number(INFINITY), std::string("null"), "infinity");
  expect_equal(json::format_number(std::nan("")), std::string("null"), "NaN");
  std::uint64_t state = 88172645463325252u;
  for (int i = 0; i < 20000; ++i) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    double value;
    std::memcpy(&value, &state, sizeof value);
    if (!std::isfinite(value)) continue;
    const std::string text = write_decimal(value);
    const std::string portable = write_decimal_portable(value);
    double back = 0;
    expect(read_decimal(text, back) && back == value, "round trip of " + text);
    expect(read_decimal_portable(portable, back) && back == value, "portable round trip of " + portable);
    const auto digits = [](const std::string& t) {
      std::size_t count = 0;
      for (const char c : t.substr(0, t.find('e'))) count += c >= '0' && c <= '9' ? 1 : 0;
      return count;
    };
    if (text.find('e') != std::string::npos) expect_equal(digits(text), digits(portable), "digits of " + text);
  }
  double tiny = 1;
  expect(read_decimal("1e-400", tiny) && tiny == 0, "too small is zero");
}

GUARANTEE("strings survive writing and reading") {
  const std::string text = "a\"b\\c\n\t\x01 \xc3\xa9";
  expect_equal(*json::parse(json::format_string(text)).string(), text, "round trip");
}
