#include "delivery/providers/http_gateway.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/check.h"
#include "contact/phone_number.h"
#include "crypto/aws_signature.h"
#include "delivery/provider_error.h"

namespace countersign::delivery {

namespace {

constexpr std::size_t kRefMax = 128;

std::string country_of_number(const std::string& to) {
  const auto number = contact::PhoneNumber::parse(to);
  return number ? std::string(number->region()) : std::string();
}

Variables variables_of(const GatewayOptions& options, const OutgoingMessage& message, WallTime now) {
  using std::chrono::ceil;
  using std::chrono::floor;
  const Duration life = std::max<Duration>(message.expires_at - now, std::chrono::seconds(1));
  const std::string country = country_of_number(message.to);
  auto sender = options.senders.find(country);
  if (sender == options.senders.end()) sender = options.senders.find("");
  return {
      {Variable::kTo, message.to},
      {Variable::kDigits, message.to.starts_with('+') ? message.to.substr(1) : message.to},
      {Variable::kText, message.body},
      {Variable::kId, message.id.text()},
      {Variable::kCallbackUrl, message.status_callback_url},
      {Variable::kTtlSeconds, std::to_string(floor<std::chrono::seconds>(life).count())},
      {Variable::kTtlMinutes, std::to_string(ceil<std::chrono::minutes>(life).count())},
      {Variable::kTtlMs, std::to_string(floor<std::chrono::milliseconds>(life).count())},
      {Variable::kExpiresAt, to_rfc3339(message.expires_at)},
      {Variable::kSender, sender == options.senders.end() ? std::string() : sender->second},
      {Variable::kLocale, message.locale},
      {Variable::kCountry, country},
      {Variable::kUser, options.user},
      {Variable::kSecret, options.secret.expose()},
  };
}

void wipe_secrets(Variables& variables) {
  for (const auto each : {Variable::kText, Variable::kSecret}) wipe(variables[each].data(), variables[each].size());
}

std::string content_type_of(BodyTemplate::Form form) {
  return form == BodyTemplate::Form::kJson ? "application/json" : "application/x-www-form-urlencoded; charset=utf-8";
}

/// `host` or `host:port` of an absolute URL.
std::string host_of(std::string_view url) {
  url.remove_prefix(std::min(url.find("://") + 3, url.size()));
  return std::string(url.substr(0, url.find_first_of("/?#")));
}

void authenticate(const GatewayOptions& options, HttpCall& call, WallTime now) {
  if (options.auth == GatewayAuth::kBasic) call.auth = BasicAuth{options.user, options.secret};
  if (options.auth == GatewayAuth::kBearer)
    call.headers.emplace_back("Authorization", "Bearer " + options.secret.expose());
  if (options.auth != GatewayAuth::kAwsSigV4) return;
  const std::string host = host_of(call.url);
  const std::string type = content_type_of(options.body.form);
  auto made =
      crypto::aws_headers({options.region, options.service, host, type, call.body}, options.user, options.secret, now);
  call.headers.emplace_back("X-Amz-Date", std::move(made.date));
  call.headers.emplace_back("Authorization", std::move(made.authorization));
}

struct Meaning {
  Fault fault;
  PersonNotice notice;
};

Meaning meaning_of(GatewayOutcome outcome) {
  switch (outcome) {
    case GatewayOutcome::kInvalidAddress:
      return {Fault::kInvalidAddress, PersonNotice::kNumberNotSupported};
    case GatewayOutcome::kOptedOut:
      return {Fault::kOptedOut, PersonNotice::kTryAnotherWay};
    case GatewayOutcome::kLandline:
      return {Fault::kLandline, PersonNotice::kNumberNotSupported};
    case GatewayOutcome::kUnsupported:
      return {Fault::kUnsupportedAddress, PersonNotice::kNumberNotSupported};
    case GatewayOutcome::kBlocked:
      return {Fault::kBlocked, PersonNotice::kTryAnotherWay};
    case GatewayOutcome::kRateLimited:
      return {Fault::kRateLimited, PersonNotice::kWait};
    case GatewayOutcome::kLater:
      return {Fault::kUnavailable, PersonNotice::kTemporarilyUnavailable};
    case GatewayOutcome::kMisconfigured:
      return {Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable};
    case GatewayOutcome::kRejected:
      break;
  }
  return {Fault::kRejected, PersonNotice::kTryAnotherWay};
}

/// The body of an answer, as far as it can be read.
class AnswerBody {
 public:
  AnswerBody(const GatewayOptions& options, std::string_view body) : xml_(options.xml), body_(body) {
    if (!xml_) document_ = read_gateway_json(body);
  }
  [[nodiscard]] std::vector<std::string> texts(const Pointer& pointer) const {
    if (xml_) return pointer.texts_in_xml(body_);
    return document_ ? pointer.texts_in(*document_) : std::vector<std::string>();
  }

 private:
  bool xml_;
  std::string_view body_;
  std::optional<json::value> document_;
};

bool is_one_of(const std::vector<std::string>& values, const std::string& value) {
  return std::ranges::find(values, value) != values.end();
}

/// The value by which the rule matches; "" if by its status alone; nullopt if it does not.
std::optional<std::string> matched(const GatewayRule& rule, int status, const AnswerBody& body) {
  if (!rule.status.empty() && std::ranges::find(rule.status, status) == rule.status.end()) return std::nullopt;
  if (!rule.values) return "";
  for (auto& text : body.texts(rule.values->pointer)) {
    if (is_one_of(rule.values->values, text)) return std::move(text);
  }
  return std::nullopt;
}

/// For the operator, who needs it for a rule; a longer text may name a person's number.
std::string short_code(std::string_view text) { return std::string(text.size() <= 10 ? text : ""); }

/// By status, where no rule matches. Any other 4xx is our own mistake: a gateway refuses a number by a code.
ProviderError by_status(const HttpAnswer& answer, WallTime now) {
  auto error = provider_error_of(answer, now);
  if (error.fault == Fault::kRejected) {
    error.fault = Fault::kMisconfigured;
    error.notice = PersonNotice::kTemporarilyUnavailable;
  }
  return error;
}

}  // namespace

HttpGateway::HttpGateway(HttpClient& http, const Clock& clock, GatewayOptions options)
    : http_(http), clock_(clock), options_(std::make_shared<const GatewayOptions>(std::move(options))) {}

bool HttpGateway::supports(Channel channel) const {
  return std::ranges::find(options_->channels, channel) != options_->channels.end();
}

Result<HttpCall, ProviderError> gateway_call(const GatewayOptions& options, const OutgoingMessage& message,
                                             WallTime now) {
  auto variables = variables_of(options, message, now);
  HttpCall call;
  call.method = options.method;
  call.url = filled_url(options.url, options.query, variables);
  bool clean = true;
  for (const auto& [name, value] : options.headers) {
    auto filled = filled_header(value, variables);
    clean = clean && filled;
    call.headers.emplace_back(name, std::move(filled).value_or(""));
  }
  if (options.body.form != BodyTemplate::Form::kNone) {
    call.headers.emplace_back("Content-Type", content_type_of(options.body.form));
    call.body = filled_body(options.body, variables);
  }
  wipe_secrets(variables);
  authenticate(options, call, now);
  call.total_timeout = options.timeout;
  call.addresses = options.addresses;
  call.plain_http = options.plain_http;
  if (clean) return call;
  return fail(ProviderError{Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "",
                            "a header of the gateway's template would have a control character", std::nullopt, false});
}

Result<Accepted, ProviderError> read_gateway_answer(const GatewayOptions& options, const HttpResult& result,
                                                    const MessageId& id, WallTime now) {
  if (!result) return fail(provider_error_of(result.error()));
  const AnswerBody body(options, result->body);
  const bool good_status = result->status >= 200 && result->status <= 299;
  const auto said = options.success ? body.texts(options.success->pointer) : std::vector<std::string>();
  const auto is_good = [&](const std::string& text) { return is_one_of(options.success->values, text); };
  for (const auto& rule : options.rules) {
    const auto value = matched(rule, result->status, body);
    if (!value) continue;
    auto error = by_status(*result, now);
    const auto [fault, notice] = meaning_of(rule.outcome);
    error.fault = fault;
    error.notice = notice;
    error.provider_code = value->substr(0, kRefMax);
    error.detail = fmt::format("HTTP status {}, matched by a rule of the gateway", result->status);
    error.outage = error.outage && fault == Fault::kUnavailable;
    // A message in parts, of which some were taken.
    error.maybe_sent = good_status ? std::ranges::any_of(said, is_good) : error.maybe_sent;
    return fail(std::move(error));
  }
  if (!good_status) return fail(by_status(*result, now));
  if (options.success) {
    if (said.empty()) return fail(unreadable_answer(*result));
    if (!std::ranges::all_of(said, is_good)) {
      return fail(ProviderError{Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, short_code(said.front()),
                                "the gateway refused the message with a value that no rule names", std::nullopt,
                                std::ranges::any_of(said, is_good)});
    }
  }
  if (!options.id) return Accepted{id.text()};
  auto refs = body.texts(*options.id);
  if (refs.empty() || refs.front().empty() || refs.front().size() > kRefMax) return fail(unreadable_answer(*result));
  return Accepted{std::move(refs.front())};
}

void HttpGateway::send(OutgoingMessage message, ProviderDone<Accepted> done) {
  CS_CHECK(supports(message.channel));
  auto call = gateway_call(*options_, message, clock_.now());
  if (!call) return done(fail(std::move(call).error()));
  http_.send(*std::move(call),
             [&clock = clock_, options = options_, id = message.id, done = std::move(done)](
                 const HttpResult& result) mutable { done(read_gateway_answer(*options, result, id, clock.now())); });
}

}  // namespace countersign::delivery
