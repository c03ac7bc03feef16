#include "delivery/providers/whatsapp_report.h"

#include "base/json.h"
#include "delivery/gateway/report.h"
#include "delivery/providers/whatsapp_errors.h"

namespace countersign::delivery {
namespace {

constexpr std::size_t kRefMax = 256;
/// Longer than any number, id or word that is looked for.
constexpr std::size_t kTextMax = 128;

const json::object* object_in(const json::object& object, std::string_view name) {
  const auto* member = object.if_contains(name);
  return member != nullptr ? member->if_object() : nullptr;
}

/// Calls `take` with each object in the array `name`; nothing if it is none.
template <class Take>
void each_in(const json::object& object, std::string_view name, Take take) {
  const auto* member = object.if_contains(name);
  const auto* array = member != nullptr ? member->if_array() : nullptr;
  if (array == nullptr) return;
  for (const auto& item : *array) {
    if (item.is_object()) take(item.get_object());
  }
}

/// Meta's words are ours; it never says "accepted".
std::optional<contact::DeliveryStage> whatsapp_stage(std::string_view word) {
  const auto stage = contact::parse_delivery_stage(word);
  return stage == contact::DeliveryStage::kAccepted ? std::nullopt : stage;
}

/// Why it failed: the first error that has a code.
ProviderError why(const json::object& status) {
  std::optional<std::int64_t> code;
  each_in(status, "errors", [&](const json::object& error) {
    if (!code) code = json_integer(error, "code");
  });
  return whatsapp_error_of_code(code.value_or(-1));
}

/// Nothing unless it is a status of a message of ours. Recipient, conversation and price may be absent, and are not
/// looked at: people can hide their numbers.
std::optional<WhatsappReport> report_of(const json::object& status) {
  const auto ref = json_text(status, "id");
  const auto word = json_text(status, "status");
  const auto tag = json_text(status, "biz_opaque_callback_data");
  const auto stage = word ? whatsapp_stage(*word) : std::nullopt;
  if (!ref || ref->empty() || ref->size() > kRefMax || !stage || !tag) return std::nullopt;
  const auto slash = tag->find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto account = AccountId::parse(tag->substr(0, slash));
  const auto message = MessageId::parse(tag->substr(slash + 1));
  if (!account || !message) return std::nullopt;
  WhatsappReport report{*account, *message, std::string(*ref), *stage, std::nullopt};
  if (*stage == contact::DeliveryStage::kFailed) report.error = why(status);
  return report;
}

std::string short_text(const json::object& object, std::string_view name) {
  const auto text = json_text(object, name).value_or("");
  return text.size() <= kTextMax ? std::string(text) : std::string();
}

/// Nothing unless somebody typed it.
std::optional<WhatsappText> text_of(const json::object& value, const json::object& message) {
  const auto* text = object_in(message, "text");
  if (text == nullptr || json_text(message, "type") != "text") return std::nullopt;
  const auto* metadata = object_in(value, "metadata");
  return WhatsappText{metadata != nullptr ? short_text(*metadata, "phone_number_id") : std::string(),
                      short_text(message, "from"), short_text(*text, "body"),
                      parse_gateway_time(short_text(message, "timestamp"))};
}

/// Calls `take` with the value of each change of the field `messages`.
template <class Take>
void each_value(const json::object& body, Take take) {
  each_in(body, "entry", [&](const json::object& entry) {
    each_in(entry, "changes", [&](const json::object& change) {
      const auto* value = object_in(change, "value");
      if (value != nullptr && json_text(change, "field") == "messages") take(*value);
    });
  });
}

}  // namespace

std::string write_report_tag(const AccountId& account, const MessageId& message) {
  return account.text() + '/' + message.text();
}

WhatsappWebhook read_whatsapp_webhook(std::string_view body) {
  WhatsappWebhook webhook;
  const auto parsed = parse_json(body);
  if (!parsed || !parsed->is_object()) return webhook;
  const auto add = [](auto& list, auto&& item) {
    if (item && list.size() < kWhatsappItemsMax) list.push_back(*std::forward<decltype(item)>(item));
  };
  each_value(parsed->get_object(), [&](const json::object& value) {
    each_in(value, "statuses", [&](const json::object& status) { add(webhook.reports, report_of(status)); });
    each_in(value, "messages", [&](const json::object& message) { add(webhook.texts, text_of(value, message)); });
  });
  return webhook;
}

}  // namespace countersign::delivery
