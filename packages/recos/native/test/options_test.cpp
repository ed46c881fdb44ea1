#include "options.hpp"

#include "check.hpp"

using namespace pandel;
using namespace check;

GUARANTEE("the model decides name and jitter unless they are given") {
  const Options spe = read_options({"--model", "spe"});
  expect_equal(spe.name, std::string("pandel_spe"), "name");
  expect_equal(spe.likelihood.jitter_ns, 15.0, "jitter");
  const Options mpe = read_options({});
  expect_equal(mpe.name, std::string("pandel"), "name");
  expect_equal(mpe.likelihood.jitter_ns, 4.0, "jitter");
  const Options named = read_options({"--name=mine", "--version", "2.1.0", "--jitter=6.5", "--hits", "srt", "--hits", "hlc", "--starts", "9"});
  expect_equal(named.name + " " + named.version, std::string("mine 2.1.0"), "name and version");
  expect_equal(named.likelihood.jitter_ns, 6.5, "jitter");
  expect(named.hits == HitSelection::kLocalCoincidence, "the last of a repeated flag");
  expect_equal(named.fit.starts, 9, "starts");
}

GUARANTEE("the ice is a named one, or has the lengths given") {
  const auto lengths = [](const std::vector<std::string>& arguments, double scattering, double absorption) {
    const Ice ice = read_options(arguments).likelihood.ice;
    expect_near(ice.scattering_m, scattering, 1e-12, "lambda");
    expect_near(ice.absorption_m, absorption, 1e-12, "absorption");
  };
  lengths({}, 33.3, 98);
  lengths({"--ice", "standard"}, 33.3, 98);
  lengths({"--ice", "lambda_off10"}, 29.97, 98);
  lengths({"--ice", "absorption_off10"}, 33.3, 107.8);
  lengths({"--lambda=29.97", "--absorption", "107.8"}, 29.97, 107.8);
  lengths({"--lambda", "40", "--ice", "absorption_off10"}, 40, 107.8);
}

GUARANTEE("what is not allowed is refused with what is") {
  expect_throw<UsageError>([] { read_options({"--model", "both"}); }, "mpe or spe", "model");
  expect_throw<UsageError>([] { read_options({"--hits=all"}); }, "srt or hlc", "hits");
  expect_throw<UsageError>([] { read_options({"--starts", "7"}); }, "5 or 9", "starts");
  for (const char* jitter : {"0", "-3", "1e9", "nan", "", "4ns", "0x10", "4 "}) {
    expect_throw<UsageError>([&] { read_options({"--jitter", jitter}); }, "from 1 to 100", std::string("jitter ") + jitter);
  }
  expect_throw<UsageError>([] { read_options({"--ice", "blue"}); }, "standard, lambda_off10 or absorption_off10", "ice");
  expect_throw<UsageError>([] { read_options({"--lambda", "3.3"}); }, "from 20 to 50", "lambda");
  expect_throw<UsageError>([] { read_options({"--absorption", "nan"}); }, "from 50 to 200", "absorption");
  expect_throw<UsageError>([] { read_options({"--floor", "0"}); }, "to 1", "floor");
  expect_throw<UsageError>([] { read_options({"--frobnicate", "1"}); }, "unknown flag", "unknown");
  expect_throw<UsageError>([] { read_options({"--model"}); }, "no value", "no value");
}
