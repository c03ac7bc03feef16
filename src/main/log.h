#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/server.h"
#include "main/config.h"

namespace countersign::app {

/// The log: one JSON object a line on standard error, `{"time", "level", "event", …}`. Values are encoded, so that no
/// input can make or forge a line [LOG-6]; nobody logs secrets, codes or whole addresses. Thread-safe.
enum class Level { kDebug, kInfo, kWarning, kError };

/// `level`: debug, info, warning or error; less is not written.
void start_log(std::string_view level);

void log(Level level, std::string_view event, std::string_view detail = "");

void log_request(const http::AccessRecord& record, RequestLog where);

/// At which level, if at all, and the line without its time and level. Ids, words and numbers alone: no path, no query,
/// and of the client's address the network.
[[nodiscard]] std::optional<Level> level_of_request(const http::AccessRecord& record, RequestLog where);
[[nodiscard]] std::string request_line(const http::AccessRecord& record);

/// Writes what waits and ends the log's thread.
void stop_log();

}  // namespace countersign::app
