#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "main/config/parts.h"

namespace countersign::main {

namespace {

bool is_name_character(char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; }

/// `name=value`, separated by commas, in the format of OpenTelemetry's variable.
std::optional<std::vector<std::pair<std::string, SecretString>>> parse_trace_headers(std::string_view text) {
  std::vector<std::pair<std::string, SecretString>> headers;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    const auto one = trim_blanks(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    const auto equals = one.find('=');
    if (equals == std::string_view::npos || equals == 0) return std::nullopt;
    const auto name = trim_blanks(one.substr(0, equals));
    const auto value = trim_blanks(one.substr(equals + 1));
    const auto is_printable = [](char c) { return c >= ' ' && c <= '~'; };
    if (!std::ranges::all_of(name, is_name_character) || !std::ranges::all_of(value, is_printable)) return std::nullopt;
    headers.emplace_back(name, SecretString(std::string(value)));
  }
  return headers;
}

}  // namespace

void read_tracing(Section tracing, Config& config) {
  auto& out = config.tracing;
  tracing.text("endpoint", out.endpoint);
  const bool is_url = out.endpoint.starts_with("http://") || out.endpoint.starts_with("https://");
  if (!out.endpoint.empty() && (!is_url || out.endpoint.find('@') != std::string::npos))
    tracing.fail("endpoint",
                 "must be a URL such as http://127.0.0.1:4318/v1/traces; a key of the collector's belongs into "
                 "tracing.headers");
  tracing.ratio("sample_ratio", out.sample_ratio);
  SecretString headers;
  tracing.secret("headers", headers);
  if (auto parsed = parse_trace_headers(headers.expose()))
    out.headers = *std::move(parsed);
  else
    tracing.fail("headers", "must be NAME=VALUE, several with commas between");
  tracing.finish();
}

}  // namespace countersign::main
