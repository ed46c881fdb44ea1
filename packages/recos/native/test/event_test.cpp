#include "event.hpp"

#include "check.hpp"

using namespace pandel;
using namespace check;

namespace {

std::vector<Module> read(const std::string& doms) {
  const json::Value value = json::parse_with_non_finite("{\"event\":{\"doms\":" + doms + "}}");
  return read_modules(*value.object());
}

}  // namespace

GUARANTEE("in-ice modules with pulses are read, others passed over") {
  const std::vector<Module> modules = read(
      "[{\"string\":2,\"om\":3,\"xM\":1.5,\"yM\":-2,\"zM\":3,\"pulses\":[[20,1.25,8.0,7],[10,1,8,4]]},"
      "{\"string\":2,\"om\":61,\"xM\":null,\"yM\":null,\"zM\":null,\"pulses\":[[1,1,1,1]]},"
      "{\"string\":3,\"om\":3,\"xM\":1,\"yM\":2,\"zM\":3,\"pulses\":[]}]");
  expect_equal(modules.size(), 1u, "modules");
  expect_equal(modules[0].pulses[0].time_ns, 10.0, "time order");
  expect_equal(modules[0].pulses[1].charge, 1.25, "charge");
  expect_equal(modules[0].pulses[1].flags, 7, "flags");
}

GUARANTEE("an event that cannot be used is refused by the name of what is wrong") {
  const auto refused = [](const std::string& doms, const std::string& words) {
    expect_throw<std::runtime_error>([&] { read(doms); }, words, doms);
  };
  const std::string position = "\"string\":2,\"om\":3,\"xM\":1,\"yM\":2,\"zM\":3";
  refused("[]", "no modules");
  refused("null", "no modules");
  refused("[{\"string\":2,\"om\":64,\"pulses\":[]}]", "in-ice");
  refused("[{" + position + ",\"pulses\":[[null,1,8,7]]}]", "module (2,3)'s pulse 0's time");
  refused("[{" + position + ",\"pulses\":[[1,2,3,4],[5,null,8,7]]}]", "module (2,3)'s pulse 1's charge");
  refused("[{" + position + ",\"pulses\":[[1,2]]}]", "pulse 0 is not [timeNs, charge, widthNs, flags]");
  refused("[{\"string\":2,\"om\":3,\"xM\":null,\"yM\":2,\"zM\":3,\"pulses\":[[1,1,1,1]]}]", "xM");
  for (const char* number : {"NaN", "Infinity", "-Infinity", "1e999"}) {
    const std::string odd = number;
    refused("[{" + position + ",\"pulses\":[[" + odd + ",1,8,7]]}]", "pulse 0's time is not a finite number");
    refused("[{" + position + ",\"pulses\":[[1," + odd + ",8,7]]}]", "pulse 0's charge is not a finite number");
    refused("[{\"string\":2,\"om\":3,\"xM\":1,\"yM\":2,\"zM\":" + odd + ",\"pulses\":[[1,1,1,1]]}]", "zM is not a finite number");
  }
  refused("[{\"string\":2,\"om\":3,\"pulses\":[[1,1,1,1]]}]", "module (2,3)'s xM is not a finite number");
  const std::string whole = "{" + position + ",\"pulses\":[[1,1,1,1]]}";
  refused("[" + whole + "," + whole + "]", "module (2,3) is there twice");
  refused("[{\"string\":2.5,\"om\":3,\"pulses\":[]}]", "string");
  expect_throw<std::runtime_error>([] { read_modules(*json::parse("{}").object()); }, "no event", "no event");
}
