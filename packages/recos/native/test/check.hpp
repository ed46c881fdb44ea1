#pragma once

#include <cmath>
#include <functional>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

/// A guarantee is a named function; `expect…` records what does not hold and goes on.
namespace check {

struct Guarantee {
  std::string name;
  std::function<void()> body;
};

inline std::vector<Guarantee>& guarantees() {
  static std::vector<Guarantee> all;
  return all;
}

inline int& failures() {
  static int count = 0;
  return count;
}

struct Register {
  Register(std::string name, std::function<void()> body) { guarantees().push_back({std::move(name), std::move(body)}); }
};

inline void fail(const std::string& message) {
  ++failures();
  std::cerr << "    " << message << "\n";
}

inline void expect(bool holds, const std::string& what) {
  if (!holds) fail(what);
}

inline void expect_near(double got, double wanted, double tolerance, const std::string& what) {
  if (std::fabs(got - wanted) <= tolerance) return;
  std::ostringstream message;
  message.precision(12);
  message << what << ": got " << got << ", wanted " << wanted << " within " << tolerance;
  fail(message.str());
}

template <typename T, typename U>
void expect_equal(const T& got, const U& wanted, const std::string& what) {
  if (got == wanted) return;
  std::ostringstream message;
  message << what << ": got " << got << ", wanted " << wanted;
  fail(message.str());
}

/// Expects the exception, with the words in its message.
template <typename Exception>
void expect_throw(const std::function<void()>& body, const std::string& words, const std::string& what) {
  try {
    body();
  } catch (const Exception& problem) {
    if (std::string(problem.what()).find(words) == std::string::npos) fail(what + ": the message is '" + problem.what() + "', without '" + words + "'");
    return;
  }
  fail(what + ": nothing was thrown");
}

}  // namespace check

#define CHECK_JOINED(a, b) a##b
#define CHECK_NAMED(a, b) CHECK_JOINED(a, b)
#define GUARANTEE(name)                                                                                    \
  static void CHECK_NAMED(guarantee_, __LINE__)();                                                         \
  static const check::Register CHECK_NAMED(registered_, __LINE__)(name, CHECK_NAMED(guarantee_, __LINE__)); \
  static void CHECK_NAMED(guarantee_, __LINE__)()
