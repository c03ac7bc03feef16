#include "base/random.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/check.h"
#include "base/secret.h"

namespace countersign {

namespace {

class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    thread_local Buffer buffer;
    while (!out.empty()) {
      if (buffer.used == buffer.data.size()) buffer.refill();
      const std::size_t count = std::min(out.size(), buffer.data.size() - buffer.used);
      std::memcpy(out.data(), buffer.data.data() + buffer.used, count);
      wipe(buffer.data.data() + buffer.used, count);
      buffer.used += count;
      out = out.subspan(count);
    }
  }

 private:
  struct Buffer {
    std::array<std::uint8_t, 4096> data{};
    std::size_t used = data.size();

    void refill() {
      std::size_t have = 0;
      while (have < data.size()) {
        const ssize_t got = getrandom(data.data() + have, data.size() - have, 0);
        if (got < 0 && errno == EINTR) continue;
        CS_CHECK(got > 0);  // No operation is safe without randomness.
        have += static_cast<std::size_t>(got);
      }
      used = 0;
    }
    ~Buffer() { wipe(data.data(), data.size()); }
  };
};

}  // namespace

std::string Random::bytes(std::size_t count) {
  std::string out(count, '\0');
  fill({reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
  return out;
}

std::uint32_t Random::below(std::uint32_t bound) {
  CS_CHECK(bound != 0);
  // The largest multiple of `bound` that fits; draw again above it.
  const std::uint64_t limit = (std::uint64_t{1} << 32) / bound * bound;
  for (;;) {
    std::array<std::uint8_t, 4> raw{};
    fill(raw);
    const std::uint32_t value =
        std::uint32_t{raw[0]} << 24 | std::uint32_t{raw[1]} << 16 | std::uint32_t{raw[2]} << 8 | raw[3];
    if (value < limit) return value % bound;
  }
}

std::string Random::digits(std::size_t count) {
  std::string out;
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i) out.push_back(static_cast<char>('0' + below(10)));
  return out;
}

Random& system_random() {
  static SystemRandom random;
  return random;
}

}  // namespace countersign
