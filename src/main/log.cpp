#include "main/log.h"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>

#include "api/json_writer.h"
#include "base/text.h"

namespace countersign::main {

namespace {

constexpr std::size_t kQueue = 8192;

/// Routes that are called routinely, without a user.
constexpr std::array<std::string_view, 6> kUnasked{"healthz", "readyz", "metrics", "asset", "brand", "page_state"};

spdlog::level::level_enum level_of(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

/// Text from outside that is not UTF-8 would make the line invalid JSON.
std::string_view utf8_or(std::string_view text) { return is_utf8(text) ? text : std::string_view("(not UTF-8)"); }

}  // namespace

void start_log(std::string_view level) {
  spdlog::init_thread_pool(kQueue, 1);
  // When the queue is full, the oldest lines are dropped: a slow terminal must not delay requests.
  auto logger = spdlog::create_async_nb<spdlog::sinks::stderr_sink_mt>("countersign");
  logger->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})", spdlog::pattern_time_type::utc);
  logger->set_level(spdlog::level::from_str(std::string(level)));
  spdlog::set_default_logger(logger);
  spdlog::flush_every(std::chrono::seconds(1));
}

void log(Level level, std::string_view event, std::string_view detail) {
  auto* logger = spdlog::default_logger_raw();
  if (!logger->should_log(level_of(level))) return;
  std::string line = "\"event\":";
  append_json_string(line, event);
  if (!detail.empty()) {
    line += ",\"detail\":";
    append_json_string(line, utf8_or(detail));
  }
  logger->log(level_of(level), "{}", line);
}

std::optional<Level> level_of_request(const http::AccessRecord& record, RequestLog where) {
  if (record.status >= 500) return Level::kWarning;
  if (where == RequestLog::kOff) return std::nullopt;
  const bool unasked = std::ranges::find(kUnasked, record.route) != kUnasked.end();
  return where == RequestLog::kDebug || unasked ? Level::kDebug : Level::kInfo;
}

std::string request_line(const http::AccessRecord& record) {
  std::string line = "\"event\":\"request\"";
  const auto text = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    line += ",\"" + std::string(name) + "\":";
    append_json_string(line, value);
  };
  const auto number = [&](std::string_view name, std::int64_t value) {
    line += ",\"" + std::string(name) + "\":" + std::to_string(value);
  };
  text("method", http::method_name(record.method));
  text("route", record.route);
  number("status", record.status);
  text("code", record.code);
  number("duration_us", record.duration.count());
  text("object", record.object);
  text("account", record.account);
  text("request_id", record.request_id);
  text("client", record.client.network_text());
  number("bytes_in", static_cast<std::int64_t>(record.bytes_in));
  number("bytes_out", static_cast<std::int64_t>(record.bytes_out));
  return line;
}

void log_request(const http::AccessRecord& record, RequestLog where) {
  const auto level = level_of_request(record, where);
  auto* logger = spdlog::default_logger_raw();
  if (!level || !logger->should_log(level_of(*level))) return;
  logger->log(level_of(*level), "{}", request_line(record));
}

void stop_log() { spdlog::shutdown(); }

}  // namespace countersign::main
