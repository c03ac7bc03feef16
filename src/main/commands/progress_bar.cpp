#include "main/commands/progress_bar.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

namespace countersign::main {

namespace {

constexpr std::int64_t kWidth = 30;
constexpr std::int64_t kPercent = 100;
constexpr auto kRedraw = std::chrono::milliseconds(100);
constexpr auto kNextLine = std::chrono::seconds(10);
constexpr std::string_view kBackToTheStart = "\r\x1b[2K";

}  // namespace

void ProgressBar::show(std::string_view phase, std::string_view what, std::int64_t done, std::int64_t total) {
  const bool changed = phase != phase_;
  const MonotonicTime now = clock_.monotonic();
  if (changed) finished_ = false;
  const bool finishes = done >= total && !finished_;
  if (!changed && now < next_ && !finishes) return;
  finished_ = done >= total;
  phase_ = phase;
  next_ = now + (terminal_ ? Duration(kRedraw) : Duration(kNextLine));
  const std::int64_t percent = total == 0 ? kPercent : std::min(kPercent, done * kPercent / total);
  if (!terminal_) {
    out_ << fmt::format("{} {}: {} of {} rows, {} %\n", phase, what, done, total, percent) << std::flush;
    return;
  }
  const auto filled = static_cast<std::size_t>(percent * kWidth / kPercent);
  out_ << kBackToTheStart
       << fmt::format("{:9} [{}{}] {:3} %  {} of {}  {}", phase, std::string(filled, '#'),
                      std::string(static_cast<std::size_t>(kWidth) - filled, ' '), percent, done, total, what)
       << std::flush;
  drawn_ = true;
}

void ProgressBar::end() {
  if (drawn_) out_ << '\n' << std::flush;
  drawn_ = false;
}

}  // namespace countersign::main
