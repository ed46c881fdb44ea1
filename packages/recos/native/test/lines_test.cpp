#include "lines.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <string>

#include "check.hpp"

using namespace pandel;

namespace {

/// Both ends of a pipe; reading never waits.
class Pipe {
 public:
  Pipe() {
    if (::pipe(ends_) != 0) throw std::runtime_error("no pipe");
    ::fcntl(ends_[0], F_SETFL, O_NONBLOCK);
  }
  ~Pipe() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  int in() const { return ends_[1]; }
  int out() const { return ends_[0]; }
  std::string written() const {
    char bytes[256];
    const ssize_t count = ::read(ends_[0], bytes, sizeof bytes);
    return count <= 0 ? std::string() : std::string(bytes, static_cast<std::size_t>(count));
  }
  void write(const std::string& text) const {
    if (::write(ends_[1], text.data(), text.size()) != static_cast<ssize_t>(text.size())) throw std::runtime_error("the pipe is full");
  }

 private:
  int ends_[2];
};

void spend(std::chrono::milliseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < until) {
  }
}

}  // namespace

GUARANTEE("a reader knows whether another whole line is at hand") {
  const Pipe pipe;
  LineReader lines(pipe.out());
  pipe.write("one\ntwo\nthr");
  std::string line;
  check::expect(lines.next(line), "the first line");
  check::expect_equal(line, "one", "the first line");
  check::expect(lines.has_next(), "the second line is at hand");
  check::expect(lines.next(line), "the second line");
  check::expect(!lines.has_next(), "a part of a line is none");
}

GUARANTEE("lines in quick succession wait for each other, and leave together") {
  const Pipe pipe;
  LineWriter lines(pipe.in());
  lines.add("one");
  lines.add("two");
  check::expect_equal(pipe.written(), "", "nothing before the flush");
  lines.flush();
  check::expect_equal(pipe.written(), "one\ntwo\n", "both after it");
}

GUARANTEE("a line that comes 5 ms after the last write waits for nobody") {
  const Pipe pipe;
  LineWriter lines(pipe.in());
  lines.add("one");
  spend(std::chrono::milliseconds(6));
  lines.add("two");
  check::expect_equal(pipe.written(), "one\ntwo\n", "with what waited");
  spend(std::chrono::milliseconds(6));
  lines.add("three");
  check::expect_equal(pipe.written(), "three\n", "by itself");
}

GUARANTEE("what waits at the end is written") {
  const Pipe pipe;
  { LineWriter(pipe.in()).add("last"); }
  check::expect_equal(pipe.written(), "last\n", "after the writer");
}
