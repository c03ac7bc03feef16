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

// OpenTelemetry traces (docs/adr/0025): which work belongs to which request, across threads. The current context is
// thread-local; code that hands work to another thread passes it along (store/unit.h). Without tracing, this only
// copies a null pointer.
namespace countersign::trace {

class Recorder;

/// What child spans need to know of a span. [W3C Trace Context]
struct SpanContext {
  std::array<std::uint8_t, 16> trace{};
  std::array<std::uint8_t, 8> span{};
  bool sampled = false;          ///< Whether spans are recorded; otherwise only the ids are propagated.
  Recorder* recorder = nullptr;  ///< Null: no tracing. Outlives everything that may hold it.

  [[nodiscard]] bool is_traced() const { return recorder != nullptr; }
};

/// Parses the `traceparent` header, `00-…-…-01`. Returns nullopt for what the standard calls invalid: other lengths and
/// characters, upper case, all-zero ids, version ff. For later versions it reads only the known prefix.
[[nodiscard]] std::optional<SpanContext> parse_traceparent(std::string_view text);
[[nodiscard]] std::string traceparent_of(const SpanContext& context);

/// The thread's current context.
[[nodiscard]] const SpanContext& current();

/// Sets the thread's current context until the end of the block.
class Scope {
 public:
  explicit Scope(const SpanContext& context);
  ~Scope();
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

 private:
  SpanContext before_;
};

/// Numbered as in OTLP.
enum class Kind : std::uint8_t { kInternal = 1, kServer = 2, kClient = 3 };

/// One finished span. Names and attributes are the program's own words, names from the configuration, ids of messages
/// and deliveries, and numbers: no path, address, identity, token or text that people type.
struct SpanData {
  SpanContext context;
  std::array<std::uint8_t, 8> parent{};  ///< Zeros: no parent.
  std::string name;
  Kind kind = Kind::kInternal;
  WallTime start{};
  WallTime end{};
  std::vector<std::pair<std::string, std::variant<std::string, std::int64_t>>> attributes;
  std::string error;  ///< `error.type`; empty: no error.
};

/// Records spans. Thread-safe; never blocks.
class Recorder {
 public:
  virtual ~Recorder() = default;
  [[nodiscard]] virtual WallTime now() const = 0;
  /// Begins a span with that parent, or a new trace; the recorder decides about sampling.
  [[nodiscard]] virtual SpanContext begin(const std::optional<SpanContext>& parent) = 0;
  virtual void finish(SpanData span) = 0;
  /// Links later work on the row with this id to `context`. Entries are dropped after a while.
  virtual void remember(std::string id, const SpanContext& context) = 0;
  [[nodiscard]] virtual std::optional<SpanContext> recall(const std::string& id) const = 0;
};

/// Remembers the thread's current context for this id, if it is traced.
void remember(const std::string& id);

/// A running span. Move-only; ends when it is destroyed at the latest.
class Span {
 public:
  Span() = default;  ///< An untraced span.
  /// Begins a span with that parent, possibly of another process; without one, a new trace.
  Span(Recorder& recorder, const std::optional<SpanContext>& parent, Kind kind);
  /// A child of the thread's current span; untraced if that one is.
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
  std::unique_ptr<SpanData> data_;  ///< Null if it is not recorded.
};

}  // namespace countersign::trace
