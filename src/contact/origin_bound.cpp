#include "contact/origin_bound.h"

#include "contact/host_name.h"

namespace countersign::contact {

namespace {

constexpr std::string_view kWhiteSpace = " \t\n\r\f\v";

/// Development uses `localhost`; browsers accept any valid host.
bool is_bindable_host(std::string_view host) { return host == "localhost" || is_host_name(host); }

bool is_bindable_code(std::string_view code) {
  return !code.empty() && code.find_first_of(kWhiteSpace) == std::string_view::npos;
}

/// Removes the token up to the next white space from `rest`, if it starts with `sign` and has more characters.
std::optional<std::string_view> take_token(std::string_view& rest, char sign) {
  if (!rest.starts_with(sign)) return std::nullopt;
  const auto end = rest.find_first_of(kWhiteSpace);
  const auto token = rest.substr(1, end == std::string_view::npos ? end : end - 1);
  if (token.empty()) return std::nullopt;
  rest.remove_prefix(1 + token.size());
  return token;
}

}  // namespace

std::optional<std::string> origin_bound_line(std::string_view host, std::string_view code,
                                             std::string_view embedded_host) {
  if (!is_bindable_host(host) || !is_bindable_code(code)) return std::nullopt;
  if (!embedded_host.empty() && !is_bindable_host(embedded_host)) return std::nullopt;
  std::string line = "@";
  line.append(host).append(" #").append(code);
  if (!embedded_host.empty()) line.append(" @").append(embedded_host);
  return line;
}

std::optional<std::string> bind_to_origin(std::string_view text, std::string_view host, std::string_view code) {
  const auto line = origin_bound_line(host, code);
  if (!line) return std::nullopt;
  return std::string(text) + "\n\n" + *line;
}

std::optional<OriginBoundCode> parse_origin_bound(std::string_view message) {
  const auto line_start = message.rfind('\n');
  std::string_view rest = line_start == std::string_view::npos ? message : message.substr(line_start + 1);
  const auto host = take_token(rest, '@');
  if (!host || !rest.starts_with(' ')) return std::nullopt;
  rest.remove_prefix(1);
  const auto code = take_token(rest, '#');
  if (!code) return std::nullopt;
  OriginBoundCode found{std::string(*host), std::string(*code), {}};
  // Anything in another form is reserved for future versions of the format.
  if (rest.starts_with(' ')) {
    rest.remove_prefix(1);
    if (const auto embedded = take_token(rest, '@')) found.embedded_host = *embedded;
  }
  return found;
}

}  // namespace countersign::contact
