#include "elementary.hpp"

#include "check.hpp"

using namespace pandel;
using namespace check;

GUARANTEE("exp and log agree with the C library within 2 ulp") {
  double worst_exp = 0;
  double worst_log = 0;
  for (int i = -200000; i <= 200000; ++i) {
    const double x = i * 0.0035;
    worst_exp = std::fmax(worst_exp, std::fabs(exponential(x) / std::exp(x) - 1.0));
    const double y = std::exp(0.9 * x);
    worst_log = std::fmax(worst_log, std::fabs(logarithm(y) - std::log(y)) / std::fmax(1e-3, std::fabs(std::log(y))));
  }
  expect_near(worst_exp, 0, 4.5e-16, "exp");
  expect_near(worst_log, 0, 4.5e-16, "log");
}

GUARANTEE("exp and log behave at their borders") {
  expect_equal(exponential(-1000.0), 0.0, "exp(-1000)");
  expect(std::isinf(exponential(1000.0)), "exp(1000)");
  expect(std::isnan(exponential(std::nan(""))), "exp(NaN)");
  expect(std::isinf(logarithm(0.0)) && logarithm(0.0) < 0, "log(0)");
  expect(std::isnan(logarithm(-1.0)), "log(-1)");
  expect(std::isinf(logarithm(INFINITY)), "log(inf)");
}

GUARANTEE("sine, cosine, area sine and ln Gamma agree with the C library") {
  for (int i = -5000; i <= 5000; ++i) {
    const double x = i * 0.00313;
    const SinCos got = sin_cos(x);
    expect_near(got.sin, std::sin(x), 2e-15, "sin " + std::to_string(x));
    expect_near(got.cos, std::cos(x), 2e-15, "cos " + std::to_string(x));
    expect_near(area_sinh(x), std::asinh(x), 1e-15, "asinh " + std::to_string(x));
    if (x > 0) expect_near(log_gamma(2 * x), std::lgamma(2 * x), 1e-12 * (1 + std::fabs(std::lgamma(2 * x))), "ln Gamma " + std::to_string(2 * x));
  }
}
