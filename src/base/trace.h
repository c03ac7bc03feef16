#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/time.h"

// Traces in the sense of OpenTelemetry (docs/adr/0025): which work belongs to which request, across threads. What is
// under way on a thread is known to the thread; who hands work to another one takes it along (store/unit.h). Where
// nobody traces, all of it is a null pointer that is copied.
namespace countersign::trace {

class Recorder;

/// A span, as those that follow from it need to know it. [W3C Trace Context]
struct SpanContext {
  std::array<std::uint8_t, 16> trace{};
  std::array<std::uint8_t, 8> span{};
  bool sampled = false;          ///< Whether spans are recorded; else the ids are passed on alone.
  Recorder* recorder = nullptr;  ///< Null: nobody traces. Outlives everything that may hold it.

  [[nodiscard]] bool is_traced() const { return recorder != nullptr; }
};

/// `00-…-…-01`, as it comes and goes in the header `traceparent`. Nothing for what the standard calls invalid: other
/// lengths and characters, upper case, ids of zeros, version ff; of later versions only the beginning is read.
[[nodiscard]] std::optional<SpanContext> parse_traceparent(std::string_view text);
[[nodiscard]] std::string traceparent_of(const SpanContext& context);

/// What this thread works on.
[[nodiscard]] const SpanContext& current();

/// Makes it what this thread works on, until the end of the block.
class Scope {
 public:
  explicit Scope(const SpanContext& context);
  ~Scope();
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

 private:
  SpanContext before_;
};

/// As OTLP numbers them.
enum class Kind : std::uint8_t { kInternal = 1, kServer = 2, kClient = 3 };

/// One span when it is over. Names and attributes are words of the program, names of the configuration, ids of
/// messages and deliveries and numbers: no path, address, identity, token or text that people type.
struct SpanData {
  SpanContext context;
  std::array<std::uint8_t, 8> parent{};  ///< Zeros: none.
  std::string name;
  Kind kind = Kind::kInternal;
  WallTime start{};
  WallTime end{};
  std::vector<std::pair<std::string, std::variant<std::string, std::int64_t>>> attributes;
  std::string error;  ///< `error.type`; empty: none.
};

/// Who keeps spans. Thread-safe; waits for nothing.
class Recorder {
 public:
  virtual ~Recorder() = default;
  [[nodiscard]] virtual WallTime now() const = 0;
  /// A span of that parent, or of a new trace, sampled or not as the recorder decides.
  [[nodiscard]] virtual SpanContext begin(const std::optional<SpanContext>& parent) = 0;
  virtual void finish(SpanData span) = 0;
  /// What follows later from a row of work by that id, however it is come by; for a while, not for ever.
  virtual void remember(std::string id, const SpanContext& context) = 0;
  [[nodiscard]] virtual std::optional<SpanContext> recall(const std::string& id) const = 0;
};

/// Remembers what this thread works on, where that is traced.
void remember(const std::string& id);

/// A span under way. Move-only; ends when it is destroyed at the latest.
class Span {
 public:
  Span() = default;  ///< Of nothing that is traced.
  /// With that parent, which may be one of another process; without one it begins a trace.
  Span(Recorder& recorder, const std::optional<SpanContext>& parent, Kind kind);
  /// Below what this thread works on; nothing where that is not traced.
  [[nodiscard]] static Span below_current(Kind kind);
  Span(Span&&) noexcept = default;
  Span& operator=(Span&& other) noexcept;
  ~Span() { end(); }

  [[nodiscard]] const SpanContext& context() const { return context_; }
  [[nodiscard]] bool is_recorded() const { return data_ != nullptr; }
  void name(std::string name);
  void set(std::string_view attribute, std::string_view value);
  void set(std::string_view attribute, std::int64_t value);
  void fail(std::string_view error);
  void end();

 private:
  SpanContext context_;
  std::unique_ptr<SpanData> data_;  ///< Null where it is not recorded.
};

}  // namespace countersign::trace
