#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

/// Lines over file descriptors.
namespace pandel {

/// A line beyond the limit, or a descriptor that cannot be read or written.
class LineError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class LineReader {
 public:
  explicit LineReader(int descriptor) : descriptor_(descriptor) {}

  /// The next line without its LF; false at the end. An unterminated last line is no line. @throws LineError
  bool next(std::string& line);

 private:
  int descriptor_;
  std::string buffer_;
  std::size_t scanned_ = 0;
  std::size_t used_ = 0;
};

/// Writes the line and its LF before it returns. @throws LineError
void write_line(int descriptor, std::string line);

}  // namespace pandel
