#include "delivery/trace_exporter.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/json.h"

namespace countersign::delivery {

namespace {

/// OTLP's status code of a failed span.
constexpr int kStatusError = 2;
constexpr int kDoublingsMax = 6;

template <std::size_t N>
std::array<std::uint8_t, N> random_id(Random& random) {
  std::array<std::uint8_t, N> id{};
  while (std::ranges::all_of(id, [](std::uint8_t byte) { return byte == 0; })) random.fill(id);
  return id;
}

/// The last seven bytes of the id as a fraction of their range.
bool is_in_ratio(const std::array<std::uint8_t, 16>& trace, double ratio) {
  std::uint64_t value = 0;
  for (std::size_t i = 9; i < trace.size(); ++i) value = value << 8U | trace[i];
  return static_cast<double>(value) < ratio * 72'057'594'037'927'936.0;  // 2^56
}

template <std::size_t N>
json::string hex_text(const std::array<std::uint8_t, N>& bytes) {
  return json::string(to_hex({reinterpret_cast<const char*>(bytes.data()), N}));
}

json::object text_attribute(std::string_view key, std::string_view value) {
  return {{"key", key}, {"value", json::object{{"stringValue", value}}}};
}

/// 64-bit integers are strings in OTLP's JSON.
json::string nanoseconds(WallTime time) { return json::string(std::to_string(to_micros(time)) + "000"); }

json::object span_json(const trace::SpanData& span) {
  json::object out{{"traceId", hex_text(span.context.trace)},
                   {"spanId", hex_text(span.context.span)},
                   {"name", span.name},
                   {"kind", static_cast<int>(span.kind)},
                   {"startTimeUnixNano", nanoseconds(span.start)},
                   {"endTimeUnixNano", nanoseconds(span.end)}};
  if (span.parent != decltype(span.parent){}) out["parentSpanId"] = hex_text(span.parent);
  json::array attributes;
  for (const auto& [key, value] : span.attributes) {
    if (const auto* text = std::get_if<std::string>(&value))
      attributes.push_back(text_attribute(key, *text));
    else
      attributes.push_back(json::object{
          {"key", key}, {"value", json::object{{"intValue", std::to_string(std::get<std::int64_t>(value))}}}});
  }
  if (!span.error.empty()) {
    attributes.push_back(text_attribute("error.type", span.error));
    out["status"] = json::object{{"code", kStatusError}};
  }
  out["attributes"] = std::move(attributes);
  return out;
}

}  // namespace

std::string otlp_json(const std::vector<std::pair<std::string, std::string>>& resource,
                      const std::vector<trace::SpanData>& spans) {
  json::array attributes;
  for (const auto& [key, value] : resource) attributes.push_back(text_attribute(key, value));
  json::array list;
  for (const auto& span : spans) list.push_back(span_json(span));
  json::object scope{{"scope", json::object{{"name", "countersign"}}}, {"spans", std::move(list)}};
  json::object of_resource{{"resource", json::object{{"attributes", std::move(attributes)}}},
                           {"scopeSpans", json::array{std::move(scope)}}};
  return canonical_json(json::object{{"resourceSpans", json::array{std::move(of_resource)}}});
}

TraceExporter::TraceExporter(TraceExporterOptions options, const Clock& clock, Random& random)
    : options_(std::move(options)),
      clock_(clock),
      random_(random),
      http_(HttpClientOptions{.concurrent_max = 1}, clock),
      worker_(options_.period, [this] { flush(); }) {
  worker_.start();
}

TraceExporter::~TraceExporter() { stop(Duration::zero()); }

trace::SpanContext TraceExporter::begin(const std::optional<trace::SpanContext>& parent) {
  trace::SpanContext context;
  context.recorder = this;
  context.trace = parent ? parent->trace : random_id<16>(random_);
  context.sampled = parent ? parent->sampled : is_in_ratio(context.trace, options_.sample_ratio);
  // An unrecorded span must not be named as a parent, but a new trace needs an id to propagate.
  context.span = parent && !context.sampled ? parent->span : random_id<8>(random_);
  return context;
}

void TraceExporter::finish(trace::SpanData span) {
  bool full = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || waiting_.size() >= options_.waiting_max) {
      ++dropped_;
      return;
    }
    waiting_.push_back(std::move(span));
    full = waiting_.size() == options_.batch_max;
  }
  if (full) worker_.nudge();
}

void TraceExporter::remember(std::string id, const trace::SpanContext& context) {
  const std::lock_guard lock(mutex_);
  if (!remembered_.insert_or_assign(id, context).second) return;
  in_order_.push_back(std::move(id));
  if (in_order_.size() <= options_.remembered_max) return;
  remembered_.erase(in_order_.front());
  in_order_.pop_front();
}

std::optional<trace::SpanContext> TraceExporter::recall(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = remembered_.find(id);
  return found == remembered_.end() ? std::nullopt : std::optional(found->second);
}

TraceFigures TraceExporter::figures() const {
  const std::lock_guard lock(mutex_);
  return {exported_, dropped_, waiting_.size() + batch_.size()};
}

void TraceExporter::flush() {
  HttpCall call;
  {
    const std::lock_guard lock(mutex_);
    if (sending_ || (clock_.monotonic() < not_before_ && !stopping_)) return;
    if (batch_.empty()) {
      const auto count = static_cast<std::ptrdiff_t>(std::min(waiting_.size(), options_.batch_max));
      std::move(waiting_.begin(), waiting_.begin() + count, std::back_inserter(batch_));
      waiting_.erase(waiting_.begin(), waiting_.begin() + count);
    }
    if (batch_.empty()) return;
    sending_ = true;
    call.body = otlp_json(options_.resource, batch_);
  }
  call.method = "POST";
  call.url = options_.endpoint;
  call.headers = {{"Content-Type", "application/json"}};
  for (const auto& [name, value] : options_.headers) call.headers.emplace_back(name, value.expose());
  call.total_timeout = options_.timeout;
  call.addresses = AddressPolicy::kAny;
  call.plain_http = PlainHttp::kAllowed;
  http_.send(std::move(call), [this](const HttpResult& result) {
    const bool accepted = result && result->status >= 200 && result->status < 300;
    // OTLP retries only these statuses, and a missing answer.
    const bool again = !result || result->status == 429 || (result->status >= 502 && result->status <= 504);
    sent(accepted, again);
  });
}

void TraceExporter::sent(bool accepted, bool again) {
  bool more = false;
  {
    const std::lock_guard lock(mutex_);
    sending_ = false;
    ++attempts_;
    if (accepted || !again || attempts_ >= options_.attempts_max || stopping_) {
      (accepted ? exported_ : dropped_) += batch_.size();
      batch_.clear();
      attempts_ = 0;
    }
    not_before_ = accepted
                      ? MonotonicTime{}
                      : clock_.monotonic() + options_.first_pause * (1 << std::clamp(attempts_ - 1, 0, kDoublingsMax));
    more = stopping_ || (accepted && waiting_.size() >= options_.batch_max);
    done_.notify_all();
  }
  if (more) worker_.nudge();
}

void TraceExporter::stop(Duration grace) {
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    lock.unlock();
    worker_.nudge();
    lock.lock();
    done_.wait_for(lock, grace, [this] { return waiting_.empty() && batch_.empty(); });
  }
  http_.stop(std::chrono::milliseconds(0));
  worker_.stop();
  const std::lock_guard lock(mutex_);
  dropped_ += waiting_.size() + batch_.size();
  waiting_.clear();
  batch_.clear();
}

}  // namespace countersign::delivery
