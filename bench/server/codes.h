#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "delivery/ports.h"

namespace countersign::bench {

/// The nth person's number: a valid, unique Brazilian mobile. `n` is below 100 million.
[[nodiscard]] std::string phone_of(std::uint32_t n);

/// Receives codes: memory shared by the server's process and the load generator, one slot per phone. Create it before
/// the server is forked.
class CodeBoard {
 public:
  explicit CodeBoard(std::uint32_t phones);
  ~CodeBoard();
  CodeBoard(const CodeBoard&) = delete;
  CodeBoard& operator=(const CodeBoard&) = delete;

  void put(std::string_view phone, std::string_view code);
  /// nullopt until one has arrived.
  [[nodiscard]] std::optional<std::string> code_of(std::uint32_t n) const;
  [[nodiscard]] std::uint32_t phones() const { return static_cast<std::uint32_t>(places_.size()); }

 private:
  std::span<std::atomic<std::uint32_t>> places_;
};

/// A provider that accepts everything at once and stores the codes on the board.
class CapturingSender final : public delivery::Sender {
 public:
  explicit CapturingSender(CodeBoard& board) : board_(board) {}
  void send(delivery::OutgoingMessage message, delivery::ProviderDone<delivery::Accepted> done) override;
  [[nodiscard]] std::string_view name() const override { return "capture"; }
  [[nodiscard]] bool supports(delivery::Channel) const override { return true; }

 private:
  CodeBoard& board_;
};

}  // namespace countersign::bench
