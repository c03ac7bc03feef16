#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/server.h"
#include "main/config/config.h"

namespace countersign::main {

/// The log: one JSON object per line on standard error, `{"time", "level", "event", …}`. Values are encoded, so that no
/// input can create or forge a line [LOG-6]; never log secrets, codes or whole addresses. Thread-safe.
enum class Level { kDebug, kInfo, kWarning, kError };

/// `level`: debug, info, warning or error; lower levels are not written.
void start_log(std::string_view level);

void log(Level level, std::string_view event, std::string_view detail = "");

void log_request(const http::AccessRecord& record, RequestLog where);

/// The level of a request's line, if it is logged, and the line without time and level. Only ids, words and numbers: no
/// path, no query, and only the network of the client's address.
[[nodiscard]] std::optional<Level> level_of_request(const http::AccessRecord& record, RequestLog where);
[[nodiscard]] std::string request_line(const http::AccessRecord& record);

/// Writes pending lines and ends the log's thread.
void stop_log();

}  // namespace countersign::main
