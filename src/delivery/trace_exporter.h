#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "base/trace.h"
#include "base/worker.h"
#include "delivery/http_client.h"

namespace countersign::delivery {

struct TraceExporterOptions {
  std::string endpoint;                                       ///< The URL for posts, `http://127.0.0.1:4318/v1/traces`.
  std::vector<std::pair<std::string, SecretString>> headers;  ///< For every post, such as the collector's key.
  double sample_ratio = 1;                                    ///< Share of the traces begun here, 0 to 1.
  std::vector<std::pair<std::string, std::string>> resource;  ///< Attributes of the process: `service.name`, …
  std::size_t waiting_max = 8192;                             ///< Further spans are dropped and counted.
  std::size_t batch_max = 512;
  std::size_t remembered_max = 10'000;
  Duration period = std::chrono::seconds(1);       ///< Between two batches that are not full.
  Duration first_pause = std::chrono::seconds(1);  ///< After a failure; doubles with each.
  int attempts_max = 5;                            ///< For one batch; then it is dropped.
  std::chrono::milliseconds timeout{5'000};
};

struct TraceFigures {
  std::uint64_t exported = 0;
  std::uint64_t dropped = 0;  ///< Queue full, given up, or left at shutdown.
  std::size_t waiting = 0;
};

/// Sends spans to an OpenTelemetry collector: OTLP over HTTP, in JSON. Works in the background, one batch at a time,
/// with its own client, so that a hanging collector does not slow messages and webhooks. Recording a span only takes a
/// mutex.
class TraceExporter final : public trace::Recorder {
 public:
  /// Clock and random outlive it.
  TraceExporter(TraceExporterOptions options, const Clock& clock, Random& random);
  ~TraceExporter() override;  ///< Like stop(0).

  [[nodiscard]] WallTime now() const override { return clock_.now(); }
  /// Sampled like the parent, otherwise by the ratio on the trace id: all nodes decide the same.
  [[nodiscard]] trace::SpanContext begin(const std::optional<trace::SpanContext>& parent) override;
  void finish(trace::SpanData span) override;
  void remember(std::string id, const trace::SpanContext& context) override;
  [[nodiscard]] std::optional<trace::SpanContext> recall(const std::string& id) const override;

  [[nodiscard]] TraceFigures figures() const;
  /// Sends waiting spans for at most `grace`; the rest is dropped and counted. Later spans are dropped.
  void stop(Duration grace);

 private:
  void flush();
  void sent(bool accepted, bool again);

  const TraceExporterOptions options_;
  const Clock& clock_;
  Random& random_;
  HttpClient http_;
  mutable std::mutex mutex_;
  std::condition_variable done_;
  // Guarded by mutex_:
  std::deque<trace::SpanData> waiting_;
  std::vector<trace::SpanData> batch_;  ///< In flight, or waiting for a retry.
  bool sending_ = false;
  int attempts_ = 0;
  MonotonicTime not_before_{};
  bool stopping_ = false;
  std::uint64_t exported_ = 0;
  std::uint64_t dropped_ = 0;
  std::unordered_map<std::string, trace::SpanContext> remembered_;
  std::deque<std::string> in_order_;  ///< Keys of remembered_, oldest first.
  Worker worker_;
};

/// The body of a post: `ExportTraceServiceRequest` in the JSON encoding of OTLP 1.
[[nodiscard]] std::string otlp_json(const std::vector<std::pair<std::string, std::string>>& resource,
                                    const std::vector<trace::SpanData>& spans);

}  // namespace countersign::delivery
