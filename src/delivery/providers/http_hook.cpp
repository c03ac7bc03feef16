#include "delivery/providers/http_hook.h"

#include <algorithm>

#include "base/check.h"
#include "base/json.h"
#include "delivery/provider_error.h"
#include "delivery/signed_post.h"

namespace countersign::delivery {

std::string hook_body(const OutgoingMessage& message) {
  json::object body = {{"id", message.id.text()},
                       {"channel", contact::to_text(message.channel)},
                       {"to", message.to},
                       {"body", message.body},
                       {"code", message.code.expose()},
                       {"locale", message.locale},
                       {"expires_at", to_rfc3339(message.expires_at)}};
  if (!message.subject.empty()) body["subject"] = message.subject;
  return canonical_json(body);
}

Result<Accepted, ProviderError> read_hook_answer(const HttpResult& result, const MessageId& id, WallTime now) {
  if (!result) return fail(provider_error_of(result.error()));
  if (result->status < 200 || result->status > 299) return fail(provider_error_of(*result, now));
  const auto body = parse_json(result->body);
  const auto ref = body && body->is_object() ? json_text(body->get_object(), "ref") : std::nullopt;
  constexpr std::size_t kRefMax = 128;
  if (!ref || ref->empty() || ref->size() > kRefMax) return Accepted{id.text()};
  return Accepted{std::string(*ref)};
}

HttpHook::HttpHook(HttpClient& http, const Clock& clock, HttpHookOptions options)
    : http_(http), clock_(clock), options_(std::move(options)) {
  CS_CHECK(!options_.secrets.empty());
}

bool HttpHook::supports(Channel channel) const {
  return std::ranges::find(options_.channels, channel) != options_.channels.end();
}

void HttpHook::send(OutgoingMessage message, ProviderDone<Accepted> done) {
  CS_CHECK(supports(message.channel));
  HttpCall call = signed_post(options_.url, message.id.text(), hook_body(message), options_.secrets, clock_.now());
  call.total_timeout = options_.timeout;
  call.addresses = options_.addresses;
  call.plain_http = options_.plain_http;
  http_.send(std::move(call),
             [&clock = clock_, id = message.id, done = std::move(done)](const HttpResult& result) mutable {
               done(read_hook_answer(result, id, clock.now()));
             });
}

}  // namespace countersign::delivery
