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

GUARANTEE("what is not allowed is refused with what is") {
  expect_throw<UsageError>([] { read_options({"--model", "both"}); }, "mpe or spe", "model");
  expect_throw<UsageError>([] { read_options({"--hits=all"}); }, "srt or hlc", "hits");
  expect_throw<UsageError>([] { read_options({"--starts", "7"}); }, "5 or 9", "starts");
  for (const char* jitter : {"0", "-3", "1e9", "nan", "", "4ns", "0x10", "4 "}) {
    expect_throw<UsageError>([&] { read_options({"--jitter", jitter}); }, "from 1 to 100", std::string("jitter ") + jitter);
  }
  expect_throw<UsageError>([] { read_options({"--frobnicate", "1"}); }, "unknown flag", "unknown");
  expect_throw<UsageError>([] { read_options({"--model"}); }, "no value", "no value");
}
