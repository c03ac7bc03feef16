#include "bench/server/codes.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <charconv>

#include "base/check.h"

namespace countersign::bench {

namespace {

constexpr std::string_view kAreaAndNine = "+55119";

std::uint32_t number_in(std::string_view digits) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  CS_CHECK(error == std::errc() && end == digits.data() + digits.size());
  return number;
}

}  // namespace

std::string phone_of(std::uint32_t n) { return fmt::format("{}{:08}", kAreaAndNine, n); }

CodeBoard::CodeBoard(std::uint32_t phones) {
  using Place = std::atomic<std::uint32_t>;
  void* const memory =
      ::mmap(nullptr, phones * sizeof(Place), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CS_CHECK(memory != MAP_FAILED);
  places_ = {static_cast<Place*>(memory), phones};
}

CodeBoard::~CodeBoard() { ::munmap(places_.data(), places_.size_bytes()); }

// Stores the code plus one, so that zero means none.
void CodeBoard::put(std::string_view phone, std::string_view code) {
  CS_CHECK(phone.starts_with(kAreaAndNine));
  const auto n = number_in(phone.substr(kAreaAndNine.size()));
  CS_CHECK(n < places_.size());
  places_[n].store(number_in(code) + 1, std::memory_order_release);
}

std::optional<std::string> CodeBoard::code_of(std::uint32_t n) const {
  const auto value = places_[n].load(std::memory_order_acquire);
  return value == 0 ? std::nullopt : std::optional(fmt::format("{:06}", value - 1));
}

void CapturingSender::send(delivery::OutgoingMessage message, delivery::ProviderDone<delivery::Accepted> done) {
  board_.put(message.to, message.code.expose());
  done(delivery::Accepted{"SM" + message.id.text().substr(2)});
}

}  // namespace countersign::bench
