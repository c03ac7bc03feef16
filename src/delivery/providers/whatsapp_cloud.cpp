#include "delivery/providers/whatsapp_cloud.h"

#include <algorithm>

#include "base/check.h"
#include "base/encoding.h"
#include "base/json.h"
#include "delivery/provider_error.h"
#include "delivery/providers/whatsapp_errors.h"
#include "delivery/providers/whatsapp_report.h"

namespace countersign::delivery {
namespace {

/// As of 2026 about 60 characters; it is stored.
constexpr std::size_t kMessageIdMax = 256;

bool is_message_id(std::string_view id) {
  return !id.empty() && id.size() <= kMessageIdMax &&
         std::ranges::all_of(id, [](char c) { return c > ' ' && c < '\x7f'; });
}

json::object text_parameter(const OutgoingMessage& message) {
  return {{"type", "text"}, {"text", message.code.expose()}};
}

/// The code stands in the text and again in the button that copies it: without the second Meta refuses it (131008).
std::string body_of(const OutgoingMessage& message, const WhatsappCloudOptions& options) {
  const json::array code = {text_parameter(message)};
  const json::object text = {{"type", "body"}, {"parameters", code}};
  const json::object button = {{"type", "button"}, {"sub_type", "url"}, {"index", "0"}, {"parameters", code}};
  const json::object filled = {{"name", options.template_name},
                               {"language", {{"code", best_for(options.languages, message.locale)}}},
                               {"components", json::array{text, button}}};
  // Meta writes numbers without the plus.
  const auto digits = std::string_view(message.to).substr(message.to.starts_with('+') ? 1 : 0);
  return canonical_json(json::object{{"messaging_product", "whatsapp"},
                                     {"to", digits},
                                     {"type", "template"},
                                     {"biz_opaque_callback_data", write_report_tag(message.account, message.id)},
                                     {"template", filled}});
}

}  // namespace

WhatsappCloud::WhatsappCloud(HttpClient& http, const Clock& clock, WhatsappCloudOptions options)
    : http_(http), clock_(clock), options_(std::move(options)) {
  CS_CHECK(!options_.languages.empty());
}

void WhatsappCloud::send(OutgoingMessage message, ProviderDone<Accepted> done) {
  CS_CHECK(supports(message.channel));
  if (message.code.expose().empty()) return done(fail(only_codes()));
  HttpCall call;
  call.method = "POST";
  call.url = options_.base_url.empty() ? std::string(kBaseUrl) : options_.base_url;
  call.url += '/' + options_.api_version + '/' + percent_encode(options_.phone_number_id) + "/messages";
  call.headers = {{"Content-Type", "application/json"},
                  {"Accept", "application/json"},
                  {"Authorization", "Bearer " + options_.access_token.expose()}};
  call.body = body_of(message, options_);
  call.total_timeout = options_.timeout;
  call.addresses = AddressPolicy::kAny;  // From the operator's own configuration.
  call.plain_http = options_.plain_http;
  http_.send(std::move(call), [&clock = clock_, done = std::move(done)](const HttpResult& result) mutable {
    done(read_whatsapp_answer(result, clock.now()));
  });
}

Result<Accepted, ProviderError> read_whatsapp_answer(const HttpResult& result, WallTime now) {
  if (!result) return fail(provider_error_of(result.error()));
  if (result->status < 200 || result->status > 299) return fail(whatsapp_error_of(*result, now));
  const auto body = parse_json(result->body);
  if (!body || !body->is_object()) return fail(unreadable_answer(*result));
  const auto* messages = body->get_object().if_contains("messages");
  const bool one = messages != nullptr && messages->is_array() && messages->get_array().size() == 1;
  const auto* first = one ? messages->get_array().data() : nullptr;
  const auto id = first != nullptr && first->is_object() ? json_text(first->get_object(), "id") : std::nullopt;
  if (!id || !is_message_id(*id)) return fail(unreadable_answer(*result));
  return Accepted{std::string(*id)};
}

}  // namespace countersign::delivery
