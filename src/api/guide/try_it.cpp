#include "api/guide/try_it.h"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>

#include "api/client.h"
#include "api/json_writer.h"
#include "api/page_headers.h"
#include "api/problem.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/text.h"
#include "http/target.h"

namespace countersign::api {

namespace {

/// Headers that a form of the guide may set; we add the keys.
constexpr std::array<std::string_view, 4> kHeaders{"accept", "content-type", "idempotency-key", "accept-language"};

bool is_this_machine(const http::Request& request, const std::vector<Cidr>& trusted_proxies) {
  static const std::array kLoopback{*Cidr::parse("127.0.0.0/8"), *Cidr::parse("::1/128")};
  const auto is_in = [](const auto& networks, const IpAddress& address) {
    return std::ranges::any_of(networks, [&](const Cidr& network) { return network.contains(address); });
  };
  // There is a proxy that names its client in a header we do not evaluate.
  if (request.header("forwarded") || request.header("x-real-ip")) return false;
  // An untrusted proxy may forward for anybody, and so may a trusted one that does not name its client.
  if (request.header("x-forwarded-for").has_value() != is_in(trusted_proxies, request.peer)) return false;
  return is_in(kLoopback, client_of(request, trusted_proxies));
}

/// Only pages of this server can send it: a form on another site cannot have this type, and a script there would need a
/// CORS permission that nobody grants.
bool is_json(const http::Request& request) {
  const auto type = request.header("content-type").value_or("");
  return type.substr(0, type.find(';')) == "application/json";
}

class TrySink final : public http::ReplySink {
 public:
  TrySink(http::Reply reply, const http::Request& request, std::shared_ptr<const TryItParts> parts)
      : reply_(std::move(reply)), id_(request.id), method_(request.method), parts_(std::move(parts)) {}

  /// The views live as long as the router.
  void matched(const http::Request& request) {
    route_ = request.route;
    pattern_ = request.pattern;
    object_ = request.object();
  }

  void answer(std::uint64_t, http::Response response) override {
    if (parts_->seen) parts_->seen(record(response));
    JsonWriter json;
    json.open_object().member("status", response.status);
    json.member("reason", http::reason_phrase(response.status)).key("headers").open_array();
    const auto header = [&](std::string_view name, std::string_view value) {
      json.open_array().text(name).text(value).close_array();
    };
    if (!response.content_type.empty()) header("Content-Type", response.content_type);
    for (const auto& [name, value] : response.headers) header(name, value);
    header("X-Request-Id", id_);
    json.close_array().member("body", is_utf8(response.body) ? response.body : "(not text)").close_object();
    reply_.send({200, "application/json", json.take(), {}});
  }
  void abandon(std::uint64_t ticket) override { answer(ticket, problem_response(500, "internal_error")); }
  Executor& executor() override { return reply_.executor(); }

 private:
  [[nodiscard]] http::AccessRecord record(const http::Response& response) const {
    return {.method = method_,
            .route = route_,
            .pattern = pattern_,
            .status = response.status,
            .duration = {},
            .bytes_in = 0,
            .bytes_out = response.body.size(),
            .request_id = id_,
            .peer = "",
            .tls = false,
            .object = object_,
            .account = "",
            .code = response.code,
            .client = {}};
  }

  http::Reply reply_;
  const std::string id_;
  const http::Method method_;
  const std::shared_ptr<const TryItParts> parts_;
  std::string_view route_;
  std::string_view pattern_;
  std::string object_;
};

/// Nothing if a client could not have sent such a request.
std::optional<http::Request> request_in(const json::object& asked, const http::Request& outer,
                                        const TryItParts& parts) {
  http::Request request;
  request.method = http::parse_method(json_text_or_empty(asked, "method"));
  const std::string path = json_text_or_empty(asked, "path");
  const auto target = http::parse_target(path, request.method);
  if (request.method == http::Method::kOther || !target || !target->authority.empty()) return std::nullopt;
  request.path = target->path;
  if (!request.path.starts_with("/v1/") && !request.path.starts_with("/v2/")) return std::nullopt;
  request.query = target->query;
  request.body = json_text_or_empty(asked, "body");
  request.peer = outer.peer;
  request.id = outer.id;
  request.received_at = outer.received_at;
  request.add_header("host", outer.header("host").value_or("localhost"));
  const auto* headers = asked.if_contains("headers");
  if (headers != nullptr && headers->is_object()) {
    for (const auto name : kHeaders) {
      const auto value = json_text(headers->get_object(), name);
      if (!value) continue;
      if (std::ranges::any_of(*value, [](unsigned char c) { return c < 0x20 || c == 0x7F; })) return std::nullopt;
      request.add_header(name, *value);
    }
  }
  if (request.path.starts_with("/v1/")) request.add_header("authorization", "Bearer " + parts.api_key.expose());
  if (request.path.starts_with("/v2/"))
    request.add_header("authorization", "Basic " + to_base64(parts.account_sid + ':' + parts.auth_token.expose()));
  return request;
}

}  // namespace

http::Handler try_it(TryItParts given) {
  const auto parts = std::make_shared<const TryItParts>(std::move(given));
  return [parts](const http::Request& outer, http::Reply reply) {
    if (is_from_another_site(outer))
      return reply.send(problem_response(403, "forbidden", "a page of another site sent it"));
    if (!is_json(outer)) return reply.send(problem_response(415, "unsupported_media_type", "send application/json"));
    if (!is_this_machine(outer, parts->trusted_proxies)) {
      return reply.send(
          problem_response(403, "address_not_allowed",
                           "requests are made with the development key for this machine's own browser alone"));
    }
    const auto asked = parse_json(outer.body);
    auto request = asked && asked->is_object() ? request_in(asked->get_object(), outer, *parts) : std::nullopt;
    if (!request) {
      return reply.send(problem_response(
          usecase::Problem{usecase::Code::kInvalidField, "must be a request to /v1/… or /v2/…", "path"}));
    }
    auto sink = std::make_shared<TrySink>(std::move(reply), *request, parts);
    auto match = parts->api->match(*request);
    sink->matched(*request);
    parts->api->call(std::move(match), *std::move(request), http::Reply(sink, 1));
  };
}

http::Handler try_it_names(const TryItParts& parts) {
  JsonWriter json;
  json.open_object().member("account_sid", parts.account_sid).member("service_sid", parts.service_sid);
  return [text = json.close_object().take()](const http::Request&, http::Reply reply) {
    reply.send({200, "application/json", text, {{"Cross-Origin-Resource-Policy", "same-origin"}}});
  };
}

}  // namespace countersign::api
