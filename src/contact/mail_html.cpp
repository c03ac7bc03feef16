#include "contact/mail_html.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/html_text.h"

namespace countersign::contact {

std::string mail_document(std::string_view locale, std::string_view title, std::string_view body) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"{0}\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<title>{1}</title>\n</head>\n"
      "<body style=\"margin:0 auto;padding:24px;max-width:480px;font:16px/1.5 system-ui,sans-serif\">\n"
      "{2}</body>\n</html>\n",
      html_escaped(locale), html_escaped(title), body);
}

std::string mail_document_of_text(std::string_view locale, std::string_view title, std::string_view text) {
  std::string body;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (!line.empty()) body.append("<p style=\"overflow-wrap:anywhere\">").append(html_escaped(line)).append("</p>\n");
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return mail_document(locale, title, body);
}

}  // namespace countersign::contact
