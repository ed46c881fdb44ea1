#include "check.hpp"

int main() {
  for (const check::Guarantee& guarantee : check::guarantees()) {
    const int before = check::failures();
    try {
      guarantee.body();
    } catch (const std::exception& problem) {
      check::fail(std::string("threw: ") + problem.what());
    }
    std::cout << (check::failures() == before ? "ok      " : "FAILED  ") << guarantee.name << "\n";
  }
  return check::failures() == 0 ? 0 : 1;
}
