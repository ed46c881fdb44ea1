#include <exception>
#include <iostream>

#include "options.hpp"
#include "protocol.hpp"

/// Status 0 at the end of stdin, 1 when the protocol is broken or the startup file cannot be used, 2 for a wrong command line.
int main(int argc, char** argv) {
  try {
    const pandel::Options options = pandel::read_options({argv + 1, argv + argc});
    if (options.help) {
      std::cout << pandel::kUsage;
      return 0;
    }
    pandel::serve(options);
    return 0;
  } catch (const pandel::UsageError& problem) {
    std::cerr << "pandel: " << problem.what() << "\n" << pandel::kUsage;
    return 2;
  } catch (const std::exception& problem) {
    std::cerr << "pandel: " << problem.what() << std::endl;
    return 1;
  }
}
