#include "main/log.h"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "api/json_writer.h"
#include "base/encoding.h"

namespace countersign::app {

namespace {

constexpr std::size_t kQueue = 8192;

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

/// Text from outside that is not UTF-8 would make the line no JSON.
std::string_view utf8_or(std::string_view text) { return is_utf8(text) ? text : std::string_view("(not UTF-8)"); }

}  // namespace

void start_log(std::string_view level) {
  spdlog::init_thread_pool(kQueue, 1);
  // Full queue: the oldest lines go. A slow terminal must not slow requests down.
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

void log_request(const http::AccessRecord& record) {
  // Answers of 5xx are news; the others are for whoever asks for them.
  const Level level = record.status >= 500 ? Level::kWarning : Level::kDebug;
  auto* logger = spdlog::default_logger_raw();
  if (!logger->should_log(level_of(level))) return;
  std::string line = "\"event\":\"request\",\"method\":";
  append_json_string(line, http::method_name(record.method));
  line += ",\"route\":";
  append_json_string(line, record.route);
  line +=
      ",\"status\":" + std::to_string(record.status) + ",\"duration_us\":" + std::to_string(record.duration.count());
  line += ",\"bytes_in\":" + std::to_string(record.bytes_in) + ",\"bytes_out\":" + std::to_string(record.bytes_out);
  line += ",\"request_id\":";
  append_json_string(line, record.request_id);
  line += ",\"peer\":";
  append_json_string(line, record.peer);
  logger->log(level_of(level), "{}", line);
}

void stop_log() { spdlog::shutdown(); }

}  // namespace countersign::app
