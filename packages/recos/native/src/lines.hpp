#pragma once

#include <chrono>
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

  /// Another whole line has been read already: `next` gives it without waiting.
  bool has_next() const { return buffer_.find('\n', scanned_) != std::string::npos; }

 private:
  int descriptor_;
  std::string buffer_;
  std::size_t scanned_ = 0;
  std::size_t used_ = 0;
};

/// Lines that may wait for others, so that several leave in one system call: each wakes up who reads them. Nothing waits where lines come
/// 5 ms after each other or more.
class LineWriter {
 public:
  explicit LineWriter(int descriptor) : descriptor_(descriptor) {}
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;
  /// What still waits is written, as far as that is possible.
  ~LineWriter();

  /// Takes a line without its LF: it waits for `flush`, or, when the last write was 5 ms ago, all are written. @throws LineError
  void add(std::string_view line);

  /// Returns when all lines are written. @throws LineError
  void flush();

 private:
  int descriptor_;
  std::string waiting_;
  std::chrono::steady_clock::time_point written_ = std::chrono::steady_clock::now();
};

}  // namespace pandel
