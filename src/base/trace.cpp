#include "base/trace.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/encoding.h"

namespace countersign::trace {

namespace {

thread_local SpanContext on_this_thread;

constexpr std::size_t kTraceparentSize = 55;

template <std::size_t N>
std::optional<std::array<std::uint8_t, N>> read_hex(std::string_view text) {
  std::array<std::uint8_t, N> bytes{};
  const auto digit = [](char c) -> int {
    if (is_digit(c)) return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  for (std::size_t i = 0; i < N; ++i) {
    const int high = digit(text[2 * i]);
    const int low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return bytes;
}

template <std::size_t N>
bool is_zero(const std::array<std::uint8_t, N>& bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

template <std::size_t N>
std::string hex_of(const std::array<std::uint8_t, N>& bytes) {
  return to_hex({reinterpret_cast<const char*>(bytes.data()), N});
}

}  // namespace

std::optional<SpanContext> parse_traceparent(std::string_view text) {
  if (text.size() < kTraceparentSize || text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  const auto version = read_hex<1>(text.substr(0, 2));
  if (!version || version->front() == 0xff) return std::nullopt;
  const bool longer = text.size() > kTraceparentSize;
  if (longer && (version->front() == 0 || text[kTraceparentSize] != '-')) return std::nullopt;
  const auto trace = read_hex<16>(text.substr(3, 32));
  const auto span = read_hex<8>(text.substr(36, 16));
  const auto flags = read_hex<1>(text.substr(53, 2));
  if (!trace || !span || !flags || is_zero(*trace) || is_zero(*span)) return std::nullopt;
  return SpanContext{*trace, *span, (flags->front() & 1U) != 0, nullptr};
}

std::string traceparent_of(const SpanContext& context) {
  return "00-" + hex_of(context.trace) + '-' + hex_of(context.span) + (context.sampled ? "-01" : "-00");
}

const SpanContext& current() { return on_this_thread; }

Scope::Scope(const SpanContext& context) : before_(std::exchange(on_this_thread, context)) {}
Scope::~Scope() { on_this_thread = before_; }

void remember(const std::string& id) {
  if (on_this_thread.is_traced()) on_this_thread.recorder->remember(id, on_this_thread);
}

Span::Span(Recorder& recorder, const std::optional<SpanContext>& parent, Kind kind) : context_(recorder.begin(parent)) {
  if (!context_.sampled) return;
  data_ = std::make_unique<SpanData>();
  data_->context = context_;
  if (parent) data_->parent = parent->span;
  data_->kind = kind;
  data_->start = recorder.now();
}

Span Span::below_current(Kind kind) {
  if (!on_this_thread.is_traced()) return {};
  return {*on_this_thread.recorder, on_this_thread, kind};
}

Span& Span::operator=(Span&& other) noexcept {
  if (this == &other) return *this;
  end();
  context_ = other.context_;
  data_ = std::move(other.data_);
  return *this;
}

void Span::name(std::string name) {
  if (data_) data_->name = std::move(name);
}

void Span::set(std::string_view attribute, std::string_view value) {
  if (data_) data_->attributes.emplace_back(attribute, std::string(value));
}

void Span::set(std::string_view attribute, std::int64_t value) {
  if (data_) data_->attributes.emplace_back(attribute, value);
}

void Span::fail(std::string_view error) {
  if (data_) data_->error = error;
}

void Span::end() {
  if (!data_) return;
  data_->end = context_.recorder->now();
  context_.recorder->finish(std::move(*data_));
  data_.reset();
}

}  // namespace countersign::trace
