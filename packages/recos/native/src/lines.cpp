#include "lines.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace pandel {
namespace {

constexpr std::size_t kLongestLine = std::size_t{8} << 20;
constexpr std::chrono::milliseconds kLongestWait{5};

}  // namespace

bool LineReader::next(std::string& line) {
  for (;;) {
    const std::size_t end = buffer_.find('\n', scanned_);
    if (end != std::string::npos) {
      if (end - used_ > kLongestLine) throw LineError("a line is longer than 8 MiB");
      line.assign(buffer_, used_, end - used_);
      used_ = scanned_ = end + 1;
      return true;
    }
    buffer_.erase(0, used_);
    used_ = 0;
    scanned_ = buffer_.size();
    if (scanned_ > kLongestLine) throw LineError("a line is longer than 8 MiB");
    char chunk[1 << 16];
    const ssize_t count = ::read(descriptor_, chunk, sizeof chunk);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw LineError(std::string("stdin cannot be read: ") + std::strerror(errno));
    if (count == 0) return false;
    buffer_.append(chunk, static_cast<std::size_t>(count));
  }
}

LineWriter::~LineWriter() {
  try {
    flush();
  } catch (const LineError&) {
    // Nobody reads any more.
  }
}

void LineWriter::add(std::string_view line) {
  waiting_ += line;
  waiting_ += '\n';
  if (std::chrono::steady_clock::now() - written_ >= kLongestWait) flush();
}

void LineWriter::flush() {
  const std::string text = std::move(waiting_);
  waiting_.clear();
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t count = ::write(descriptor_, text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw LineError(std::string("stdout cannot be written: ") + std::strerror(errno));
    done += static_cast<std::size_t>(count);
  }
  written_ = std::chrono::steady_clock::now();
}

}  // namespace pandel
