#include "demo/countersign_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <stdexcept>

#include "base/encoding.h"

namespace countersign::demo {

namespace {

constexpr long kConnectSeconds = 3;
constexpr long kLookSeconds = 2;  // For requests that a page can do without.
constexpr std::size_t kAnswerMax = 1 << 20;

std::size_t take(char* data, std::size_t size, std::size_t count, void* to) {
  auto& answer = *static_cast<std::string*>(to);
  if (answer.size() + size * count > kAnswerMax) return 0;
  answer.append(data, size * count);
  return size * count;
}

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Headers = std::unique_ptr<curl_slist, FreeList>;

void add(Headers& headers, const std::string& line) {
  headers.reset(curl_slist_append(headers.release(), line.c_str()));
}

/// The `jti` of a JWT, without verification: it came from Countersign over an authenticated connection.
std::string receipt_id(std::string_view receipt) {
  const auto body = receipt.find('.') + 1;
  const auto bytes = from_base64url(receipt.substr(body, receipt.find('.', body) - body));
  const auto claims = bytes ? parse_json(*bytes) : fail(JsonError{});
  return claims && claims->is_object() ? json_text_or_empty(claims->get_object(), "jti") : "";
}

/// The response is not as described: most likely a wrong URL.
ApiError unexpected_answer() { return {502, "unexpected_answer"}; }

}  // namespace

struct CountersignClient::Curl {
  Curl() : handle(curl_easy_init()) {
    if (handle == nullptr) throw std::runtime_error("libcurl has no handle");
  }
  ~Curl() { curl_easy_cleanup(handle); }
  Curl(const Curl&) = delete;
  Curl& operator=(const Curl&) = delete;

  CURL* handle;  ///< Keeps its connection between calls.
};

CountersignClient::CountersignClient(std::string url, const SecretString& api_key)
    : url_(std::move(url)),
      authorization_("Authorization: Bearer " + api_key.expose()),
      curl_(std::make_unique<Curl>()) {}

CountersignClient::~CountersignClient() = default;

Result<json::object, ApiError> CountersignClient::send(const Call& call) {
  CURL* const curl = curl_->handle;
  curl_easy_reset(curl);
  Headers headers;
  add(headers, authorization_.expose());
  add(headers, "Content-Type: application/json");
  add(headers, "Expect:");
  if (!call.idempotency_key.empty()) add(headers, "Idempotency-Key: " + std::string(call.idempotency_key));
  const std::string url = url_ + call.path;
  std::string answer;
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call.method.c_str());
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, std::min(kConnectSeconds, call.seconds));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, call.seconds);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
  if (call.body) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call.body->c_str());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body->size()));
  }
  if (curl_easy_perform(curl) != CURLE_OK) return fail(ApiError{});

  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  if (status == 204) return json::object{};
  auto value = parse_json(answer);
  if (!value || !value->is_object()) return fail(unexpected_answer());
  if (status >= 200 && status < 300) return std::move(value->get_object());
  return fail(ApiError{static_cast<int>(status), json_text_or_empty(value->get_object(), "code")});
}

Result<CountersignClient::Held, ApiError> CountersignClient::hold(const json::object& body,
                                                                  std::string_view idempotency_key) {
  const auto answer = send({"POST", "/v1/transactions", canonical_json(body), idempotency_key});
  if (!answer) return fail(answer.error());
  return Held{json_text_or_empty(*answer, "id"), json_text_or_empty(*answer, "verify_url")};
}

Result<std::string, ApiError> CountersignClient::status_of(std::string_view transaction) {
  const auto answer = send({"GET", "/v1/transactions/" + std::string(transaction)});
  if (!answer) return fail(answer.error());
  return json_text_or_empty(*answer, "status");
}

Result<CountersignClient::Claim, ApiError> CountersignClient::claim(std::string_view transaction,
                                                                    std::string_view claimer) {
  const auto answer = send({"POST", "/v1/transactions/" + std::string(transaction) + "/claim", "", claimer});
  if (!answer) return fail(answer.error());
  const auto* payload = answer->if_contains("payload");
  if (payload == nullptr || !payload->is_object()) return fail(unexpected_answer());
  const auto receipt = json_text_or_empty(*answer, "receipt");
  return Claim{payload->get_object(), receipt, receipt_id(receipt), json_text_or_empty(*answer, "fencing_token")};
}

Result<Done, ApiError> CountersignClient::acknowledge(std::string_view transaction, std::string_view fencing_token) {
  const json::object body{{"fencing_token", fencing_token}};
  return send({"POST", "/v1/transactions/" + std::string(transaction) + "/ack", canonical_json(body)})
      .transform([](const json::object&) { return Done{}; });
}

Result<Done, ApiError> CountersignClient::cancel(std::string_view transaction) {
  return send({"POST", "/v1/transactions/" + std::string(transaction) + "/cancel", ""})
      .transform([](const json::object&) { return Done{}; });
}

Result<CountersignClient::Methods, ApiError> CountersignClient::methods_of(std::string_view identity) {
  const auto answer =
      send({"GET", "/v1/subjects/" + std::string(identity) + "/factors", std::nullopt, {}, kLookSeconds});
  if (!answer && answer.error().status == 404) return Methods{};
  if (!answer) return fail(answer.error());
  const auto* factors = answer->if_contains("data");
  if (factors == nullptr || !factors->is_array()) return fail(unexpected_answer());
  Methods methods;
  for (const auto& factor : factors->get_array()) {
    if (!factor.is_object() || json_text_or_empty(factor.get_object(), "status") != "active") continue;
    const auto type = json_text_or_empty(factor.get_object(), "type");
    methods.any = true;
    methods.app = methods.app || type == "totp";
    methods.device = methods.device || type == "push";
  }
  return methods;
}

Result<std::string, ApiError> CountersignClient::begin_addition(std::string_view identity, std::string_view method,
                                                                std::string_view return_url, std::string_view locale) {
  json::object body{{"method", method}, {"locale", locale}};
  if (!return_url.empty()) body["return_url"] = return_url;
  const auto answer = send({"POST", "/v1/subjects/" + std::string(identity) + "/additions", canonical_json(body)});
  if (!answer) return fail(answer.error());
  return json_text_or_empty(*answer, "verify_url");
}

Result<std::string, ApiError> CountersignClient::open_methods_page(std::string_view identity,
                                                                   std::string_view return_url,
                                                                   std::string_view locale) {
  const json::object body{{"return_url", return_url}, {"locale", locale}};
  const auto answer = send({"POST", "/v1/subjects/" + std::string(identity) + "/methods", canonical_json(body)});
  if (!answer) return fail(answer.error());
  return json_text_or_empty(*answer, "url");
}

Result<std::string, ApiError> CountersignClient::add_webhook_endpoint(const json::object& body,
                                                                      std::string_view idempotency_key) {
  const auto answer = send({"POST", "/v1/webhook_endpoints", canonical_json(body), idempotency_key});
  if (!answer) return fail(answer.error());
  return json_text_or_empty(*answer, "id");
}

Result<std::optional<std::string>, ApiError> CountersignClient::webhook_endpoint_url(std::string_view endpoint) {
  const auto answer = send({"GET", "/v1/webhook_endpoints/" + std::string(endpoint)});
  if (!answer && answer.error().status == 404) return std::optional<std::string>();
  if (!answer) return fail(answer.error());
  if (json_text_or_empty(*answer, "status") != "enabled") return std::optional<std::string>();
  return std::optional(json_text_or_empty(*answer, "url"));
}

Result<std::optional<std::string>, ApiError> CountersignClient::webhook_endpoint_at(std::string_view url) {
  const auto answer = send({"GET", "/v1/webhook_endpoints"});
  if (!answer) return fail(answer.error());
  for (const auto& endpoint : answer->at("data").as_array()) {
    if (json_text(endpoint.as_object(), "url") == url)
      return std::optional(json_text_or_empty(endpoint.as_object(), "id"));
  }
  return std::optional<std::string>();
}

Result<Done, ApiError> CountersignClient::remove_webhook_endpoint(std::string_view endpoint) {
  return send({"DELETE", "/v1/webhook_endpoints/" + std::string(endpoint)}).transform([](const json::object&) {
    return Done{};
  });
}

}  // namespace countersign::demo
