#include "support/doubles/twilio_voice_double.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace countersign::testing {
namespace {

const std::vector<std::string_view> kCallFields = {"To",      "From",      "Twiml",          "Url",
                                                   "Timeout", "TimeLimit", "StatusCallback", "StatusCallbackEvent"};
constexpr std::string_view kCallDate = "Sun, 22 Nov 2026 12:00:00 +0000";

[[noreturn]] void malformed(std::string_view what) { throw std::runtime_error("TwiML: " + std::string(what)); }

/// Of text between tags or of an attribute's value.
std::string without_entities(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, char>, 5> kEntities{
      {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}}};
  std::string out;
  while (!text.empty()) {
    if (static_cast<unsigned char>(text.front()) < ' ' || text.front() == '<') malformed("a character");
    if (text.front() != '&') {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    const auto* const entity =
        std::ranges::find_if(kEntities, [&](const auto& e) { return text.starts_with(e.first); });
    if (entity == kEntities.end()) malformed("an entity");
    out += entity->second;
    text.remove_prefix(entity->first.size());
  }
  return out;
}

bool is_verb(std::string_view name) {
  constexpr std::array<std::string_view, 5> kVerbs{"Response", "Gather", "Say", "Pause", "Hangup"};
  return std::ranges::find(kVerbs, name) != kVerbs.end();
}

}  // namespace

std::vector<Verb> verbs_of(std::string_view twiml) {
  constexpr std::string_view kDeclaration = R"(<?xml version="1.0" encoding="UTF-8"?>)";
  if (!twiml.starts_with(kDeclaration)) malformed("no declaration");
  twiml.remove_prefix(kDeclaration.size());
  std::vector<Verb> verbs;
  std::vector<std::size_t> open;  // In `verbs`.
  bool ended = false;
  while (!twiml.empty()) {
    if (ended) malformed("something behind the end");
    if (twiml.front() != '<') {
      const auto end = std::min(twiml.find('<'), twiml.size());
      if (open.empty() || verbs[open.back()].name != "Say") malformed("text outside of Say");
      verbs[open.back()].text += without_entities(twiml.substr(0, end));
      twiml.remove_prefix(end);
      continue;
    }
    const auto end = twiml.find('>');
    if (end == std::string_view::npos) malformed("an open tag");
    std::string_view tag = twiml.substr(1, end - 1);
    twiml.remove_prefix(end + 1);
    if (tag.starts_with('/')) {
      if (open.empty() || verbs[open.back()].name != tag.substr(1)) malformed("an end without a start");
      open.pop_back();
      ended = open.empty();
      continue;
    }
    const bool empty = tag.ends_with('/');
    if (empty) tag.remove_suffix(1);
    const auto name = tag.substr(0, tag.find(' '));
    if (!is_verb(name) || (name == "Response") != (open.empty() && verbs.empty())) malformed(name);
    if (!open.empty() && verbs[open.back()].name == "Say") malformed("a verb in Say");
    verbs.push_back({std::string(name), without_entities(tag.substr(name.size())), "", open.size()});
    if (!empty) open.push_back(verbs.size() - 1);
  }
  if (!ended) malformed("no end");
  return verbs;
}

TwilioVoiceDouble::TwilioVoiceDouble() : server_([this](const ServerRequest& request) { return handle(request); }) {}

void TwilioVoiceDouble::answer_next(ServerReply reply) {
  const std::lock_guard lock(mutex_);
  script_.next.push_back(std::move(reply));
}

std::vector<Form> TwilioVoiceDouble::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

std::vector<std::string> TwilioVoiceDouble::violations() const {
  const std::lock_guard lock(mutex_);
  return script_.violations;
}

ServerReply TwilioVoiceDouble::handle(const ServerRequest& request) {
  const std::lock_guard lock(mutex_);
  if (request.path != "/2010-04-01/Accounts/" + credentials_.account_sid + "/Calls.json") {
    script_.violations.push_back("path " + request.path);
    return twilio_error(404, 20404, "The requested resource " + request.path + " was not found");
  }
  if (auto reply = script_.answer(request, credentials_, kCallFields)) return *std::move(reply);
  return create(*parse_form(request.body));
}

ServerReply TwilioVoiceDouble::create(const Form& form) {
  const auto to = form_value(form, "To").value_or("");
  const auto from = form_value(form, "From").value_or("");
  const auto twiml = form_value(form, "Twiml");
  if (!to.starts_with('+')) return twilio_error(400, 21211, "Invalid 'To' Phone Number");
  if (from.empty()) return twilio_error(400, 21213, "Caller phone number is required");
  if (!twiml && !form_value(form, "Url")) return twilio_error(400, 21205, "Url parameter is required.");
  if (twiml && twiml->size() > 4000) return twilio_error(400, 21220, "Twiml is too long");
  try {
    static_cast<void>(verbs_of(twiml.value_or("")));
  } catch (const std::exception& wrong) {
    script_.violations.emplace_back(wrong.what());
  }
  calls_.push_back(form);
  const std::string sid = make_sid("CA", static_cast<unsigned>(calls_.size()));
  const std::string uri = "/2010-04-01/Accounts/" + credentials_.account_sid + "/Calls/" + sid;
  return json_reply(201, {{"sid", sid},
                          {"date_created", kCallDate},
                          {"date_updated", kCallDate},
                          {"parent_call_sid", nullptr},
                          {"account_sid", credentials_.account_sid},
                          {"to", to},
                          {"to_formatted", to},
                          {"from", from},
                          {"from_formatted", from},
                          {"phone_number_sid", make_sid("PN", 1)},
                          {"status", "queued"},
                          {"start_time", nullptr},
                          {"end_time", nullptr},
                          {"duration", nullptr},
                          {"price", nullptr},
                          {"price_unit", "USD"},
                          {"direction", "outbound-api"},
                          {"answered_by", nullptr},
                          {"api_version", "2010-04-01"},
                          {"forwarded_from", nullptr},
                          {"group_sid", nullptr},
                          {"caller_name", nullptr},
                          {"queue_time", "0"},
                          {"trunk_sid", nullptr},
                          {"uri", uri + ".json"},
                          {"subresource_uris", {{"recordings", uri + "/Recordings.json"}}}});
}

}  // namespace countersign::testing
