#include "api/inbox/checks.h"

#include <fmt/format.h>

#include "contact/message_text.h"
#include "contact/origin_bound.h"

namespace countersign::api {

namespace {

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

void check_size(const std::string& body, std::vector<MessageCheck>& checks) {
  const auto size = contact::measure_message(body);
  const bool gsm = size.alphabet == contact::MessageAlphabet::kGsm7;
  checks.push_back({"Encoding", gsm ? "GSM-7" : "Unicode (UCS-2): a letter has no likeness in GSM-7", gsm});
  const std::string_view units = gsm ? "septets" : "UTF-16 units";
  checks.push_back({"Length",
                    size.segments == 1 ? fmt::format("{} {} of {}", size.units, units, gsm ? 160 : 70)
                                       : fmt::format("{} {}, {} in each segment", size.units, units, gsm ? 153 : 67),
                    true});
  checks.push_back({"Segments", std::to_string(size.segments), size.segments == 1});
}

void check_origin_line(const usecase::InboxMessage& message, std::vector<MessageCheck>& checks) {
  const auto bound = contact::parse_origin_bound(message.body);
  if (!bound) return checks.push_back({"Origin-bound line", "none: browsers fill it in on no site", false});
  const bool same = bound->code == message.code.expose();
  checks.push_back({"Origin-bound line", same ? "for " + bound->host : "with another code", same});
}

}  // namespace

std::vector<MessageCheck> check_message(const usecase::InboxMessage& message) {
  std::vector<MessageCheck> checks;
  if (message.channel == "sms") {
    check_size(message.body, checks);
    check_origin_line(message, checks);
  }
  std::size_t links = 0;
  for (const std::string_view start : {"http://", "https://", "www."}) links += count_of(message.body, start);
  checks.push_back({"Links", links == 0 ? "none" : std::to_string(links), links == 0});
  const auto& code = message.code.expose();
  if (!code.empty()) {
    const bool shown = message.body.find(code) != std::string::npos;
    checks.push_back({"Code", shown ? "in the text" : "not in the text", shown});
  }
  return checks;
}

}  // namespace countersign::api
