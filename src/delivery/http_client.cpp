#include "delivery/http_client.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "delivery/http_loop.h"

namespace countersign::delivery {

std::optional<std::string_view> HttpAnswer::header(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, &HttpHeaders::value_type::first);
  return found == headers.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

std::string_view name_of(HttpFault fault) {
  constexpr std::array<std::string_view, 9> kNames = {"timeout",   "connect",    "resolve",   "tls",  "refused_address",
                                                      "too_large", "overloaded", "shut_down", "other"};
  return kNames.at(static_cast<std::size_t>(fault));
}

HttpClient::HttpClient(HttpClientOptions options, const Clock& clock)
    : loop_(std::make_unique<Loop>(std::move(options), clock)) {}

HttpClient::~HttpClient() = default;

void HttpClient::send(HttpCall call, HttpDone done) { loop_->send(std::move(call), std::move(done)); }

void HttpClient::stop(std::chrono::milliseconds drain) { loop_->stop(drain); }

HttpClientLoad HttpClient::load() const { return loop_->load(); }

std::string form_encode(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::string form;
  for (const auto& [name, value] : pairs) {
    if (!form.empty()) form += '&';
    form += percent_encode(name) + '=' + percent_encode(value);
  }
  return form;
}

}  // namespace countersign::delivery
