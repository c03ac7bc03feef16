#include "support/doubles/whatsapp_double.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "support/doubles/twilio_wire.h"

namespace countersign::testing {
namespace {

/// The only form of a send with an authentication template. Returns the code's two places.
std::optional<std::pair<std::string, std::string>> codes_in(const json::object& message) {
  try {
    const auto& components = message.at("template").at("components").as_array();
    if (components.size() != 2) return std::nullopt;
    const auto& body = components[0].as_object();
    const auto& button = components[1].as_object();
    if (body.at("type") != "body" || button.at("type") != "button" || button.at("sub_type") != "url" ||
        button.at("index") != "0")
      return std::nullopt;
    const auto text = [](const json::object& component) {
      const auto& parameters = component.at("parameters").as_array();
      const auto& only = parameters.at(0).as_object();
      if (parameters.size() != 1 || only.at("type") != "text") throw std::runtime_error("parameters");
      return std::string(only.at("text").as_string());
    };
    return std::pair(text(body), text(button));
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

bool is_phone(std::string_view text) {
  return !text.empty() && text.size() <= 15 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

WhatsappDouble::WhatsappDouble() : server_([this](const ServerRequest& request) { return handle(request); }) {}

void WhatsappDouble::answer_next(ServerReply reply) {
  const std::lock_guard lock(mutex_);
  next_.push_back(std::move(reply));
}

void WhatsappDouble::approve_only(std::vector<std::string> languages) {
  const std::lock_guard lock(mutex_);
  approved_ = std::move(languages);
}

std::vector<json::object> WhatsappDouble::messages() const {
  const std::lock_guard lock(mutex_);
  return messages_;
}

std::vector<std::string> WhatsappDouble::violations() const {
  const std::lock_guard lock(mutex_);
  return violations_;
}

ServerReply WhatsappDouble::error(int status, int code) {
  return json_reply(status, {{"error",
                              {{"message", "(#" + std::to_string(code) + ") A title that may change"},
                               {"type", "OAuthException"},
                               {"code", code},
                               {"error_data", {{"messaging_product", "whatsapp"}, {"details", "to +5511999990000"}}},
                               {"fbtrace_id", "AbCdEfG"}}}});
}

json::object WhatsappDouble::status(const json::object& message, std::string_view wamid, std::string_view word,
                                    const json::object& more) {
  json::object status = {
      {"id", wamid},
      {"status", word},
      {"timestamp", "1795348800"},
      {"recipient_id", message.at("to")},
      {"biz_opaque_callback_data", message.at("biz_opaque_callback_data")},
      {"conversation", {{"id", "c1"}, {"origin", {{"type", "authentication"}}}}},
      {"pricing", {{"billable", true}, {"pricing_model", "PMP"}, {"type", "regular"}, {"category", "authentication"}}}};
  for (const auto& [name, value] : more) status[name] = value;
  return status;
}

json::object WhatsappDouble::text(std::string_view from, std::string_view body, WallTime sent) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(sent.time_since_epoch()).count();
  return {{"from", from},
          {"id", "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA="},
          {"timestamp", std::to_string(seconds)},
          {"type", "text"},
          {"text", {{"body", body}}}};
}

namespace {

std::string webhook_with(std::string_view name, const json::array& items, std::string_view phone_number_id) {
  const json::object value = {
      {"messaging_product", "whatsapp"},
      {"metadata", {{"display_phone_number", "15550783881"}, {"phone_number_id", phone_number_id}}},
      {name, items}};
  return canonical_json(json::object{
      {"object", "whatsapp_business_account"},
      {"entry",
       json::array{json::object{{"id", "102290129340398"},
                                {"changes", json::array{json::object{{"field", "messages"}, {"value", value}}}}}}}});
}

}  // namespace

std::string WhatsappDouble::webhook(const json::array& statuses) {
  return webhook_with("statuses", statuses, kPhoneNumberId);
}

std::string WhatsappDouble::written(const json::array& messages, std::string_view phone_number_id) {
  return webhook_with("messages", messages, phone_number_id);
}

ServerReply WhatsappDouble::handle(const ServerRequest& request) {
  const std::lock_guard lock(mutex_);
  const std::string path = "/v26.0/" + std::string(kPhoneNumberId) + "/messages";
  if (request.path != path || request.method != "POST") {
    violations_.push_back(request.method + " " + request.path);
    return error(400, 100);
  }
  if (request.header("authorization") != "Bearer " + std::string(kToken)) return error(401, 190);
  const auto body = parse_json(request.body);
  if (request.header("content-type") != "application/json" || !body || !body->is_object()) {
    violations_.push_back("body " + request.body);
    return error(400, 100);
  }
  if (!next_.empty()) {
    ServerReply reply = std::move(next_.front());
    next_.pop_front();
    return reply;
  }
  return create(body->get_object());
}

ServerReply WhatsappDouble::create(const json::object& message) {
  for (const auto& [name, value] : message) {
    constexpr std::array<std::string_view, 5> kKnown{"messaging_product", "to", "type", "template",
                                                     "biz_opaque_callback_data"};
    if (std::ranges::find(kKnown, std::string_view(name)) == kKnown.end())
      violations_.push_back("member " + std::string(name));
  }
  const auto to = json_text(message, "to").value_or("");
  const auto tag = json_text(message, "biz_opaque_callback_data").value_or("");
  if (json_text(message, "messaging_product") != "whatsapp" || json_text(message, "type") != "template" ||
      !is_phone(to) || tag.empty() || tag.size() > 512) {
    violations_.push_back("form " + canonical_json(message));
    return error(400, 131009);
  }
  const auto codes = codes_in(message);
  if (!codes) return error(400, 131008);
  if (codes->first != codes->second || codes->first.size() > 15 || codes->first.empty()) return error(400, 131009);
  const auto& filled = message.at("template").as_object();
  const auto language = json_text(filled.at("language").as_object(), "code").value_or("");
  const bool approved = approved_.empty() || std::ranges::find(approved_, language) != approved_.end();
  if (json_text(filled, "name") != kTemplate || !approved) return error(404, 132001);
  messages_.push_back(message);
  const std::string wamid = "wamid.HBgL" + std::to_string(messages_.size()) + "AA==";
  return json_reply(200, {{"messaging_product", "whatsapp"},
                          {"contacts", json::array{json::object{{"input", to}, {"wa_id", to}}}},
                          {"messages", json::array{json::object{{"id", wamid}, {"message_status", "accepted"}}}}});
}

}  // namespace countersign::testing
