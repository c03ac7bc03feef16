#include "api/home/home.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "api/home/first_steps.h"
#include "api/home_files.h"
#include "api/own_hosts.h"
#include "api/page_headers.h"
#include "assets/assets.h"
#include "base/check.h"
#include "html/template.h"

namespace countersign::api {

namespace {

/// For developers, so only in English: the texts are in the template.
const html::Templates& home_templates() {
  static const auto parsed = html::Templates::parse(home_files(), html::Catalogue{});
  CS_CHECK(parsed.has_value());
  return *parsed;
}

/// Quoted as one shell word.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + '\'';
}

/// Paths of APIs and files, which have their own answers. A name with a dot is a file.
bool is_of_programs(std::string_view path) {
  static constexpr std::array<std::string_view, 4> kPlaces{"/v1", "/v2", "/verify", "/callbacks"};
  const auto holds = [path](std::string_view place) {
    return path.starts_with(place) && (path.size() == place.size() || path[place.size()] == '/');
  };
  return std::ranges::any_of(kPlaces, holds) || path.substr(path.rfind('/') + 1).find('.') != std::string_view::npos;
}

}  // namespace

std::string key_line(std::string_view credentials_file) {
  return fmt::format(R"sh(KEY=$(sed 's/.*"api_key":"\([^"]*\)".*/\1/' {}))sh", quoted(credentials_file));
}

std::string hold_line(std::string_view url) {
  return fmt::format(R"sh(curl -s {}/v1/transactions -H "Authorization: Bearer $KEY" \
  -H 'Content-Type: application/json' -d '{{
  "type": "payout_account.change",
  "subject": {{"identity": "organizer-42", "contacts": [{{"channel": "sms", "address": "+5511987654321"}}]}},
  "display": {{"title": "New payout account", "payee": "Casa do Samba Ltda",
    "lines": [{{"label": "Account", "value": "Itau ending 3661"}}], "short": "Itau ending 3661"}},
  "payload": {{"bank": "341", "branch": "2545", "account": "02366-1"}}
}}')sh",
                     url);
}

CurlSteps curl_steps() {
  return {hold_line("$U") + R"sh( | tee /tmp/held.json
ID=$(sed 's/.*"id":"\([^"]*\)".*/\1/' /tmp/held.json))sh",
          R"sh(curl -s $U/v1/transactions/$ID/verifications -H "Authorization: Bearer $KEY" \
  -H 'Content-Type: application/json' -d '{"channel": "sms"}'; sleep 1
CODE=$(curl -s "$U/dev/inbox.json?q=tx:$ID" | sed 's/^[^}]*"code":"\([0-9]*\)".*/\1/')
curl -s $U/v1/transactions/$ID/checks -H "Authorization: Bearer $KEY" \
  -H 'Content-Type: application/json' -d '{"code": "'$CODE'"}')sh",
          R"sh(curl -s -X POST $U/v1/transactions/$ID/claim -H "Authorization: Bearer $KEY" \
  -H "Idempotency-Key: claim-$ID" | tee /tmp/claim.json
TOKEN=$(sed 's/.*"fencing_token":"\([^"]*\)".*/\1/' /tmp/claim.json)
curl -s $U/v1/transactions/$ID/ack -H "Authorization: Bearer $KEY" \
  -H 'Content-Type: application/json' -d '{"fencing_token": "'$TOKEN'"}')sh"};
}

HomeFacts HomeBoard::facts() const {
  const std::lock_guard lock(mutex_);
  return facts_;
}

void HomeBoard::set(HomeFacts facts) {
  const std::lock_guard lock(mutex_);
  facts_ = std::move(facts);
}

void HomeBoard::set_box_office(std::string url) {
  const std::lock_guard lock(mutex_);
  facts_.box_office_url = std::move(url);
}

std::string render_home(const HomeFacts& facts) {
  const CurlSteps steps = curl_steps();
  const html::Object values{{"title", "Start"},
                            {"start", true},
                            {"css", assets::url("guide.css")},
                            {"script", assets::url("guide.js")},
                            {"url", facts.url},
                            {"box_office", facts.box_office_url},
                            {"metrics", facts.metrics_url},
                            {"elsewhere", facts.public_url == facts.url ? "" : facts.public_url},
                            {"credentials", facts.credentials_file},
                            {"test_mode", facts.test_mode},
                            {"step_key", "U=" + facts.url + "\n" + key_line(facts.credentials_file)},
                            {"step_hold", steps.hold},
                            {"step_prove", steps.prove},
                            {"step_claim", steps.claim}};
  return home_templates().render("home/home", values, html::Language{});
}

std::optional<http::Response> nothing_here(const http::Request& request) {
  const bool reads = request.method == http::Method::kGet || request.method == http::Method::kHead;
  const std::string_view accept = request.header("accept").value_or("");
  if (!reads || accept.find("text/html") == std::string_view::npos || is_of_programs(request.path)) return std::nullopt;
  for (const std::string_view place : {"/dev/inbox", "/docs", "/docs/verify-v2"}) {
    if (request.path.size() != place.size() + 1 || !request.path.starts_with(place) || !request.path.ends_with('/'))
      continue;
    return http::Response{
        307, {}, {}, {{"Location", std::string(place) + (request.query.empty() ? "" : "?" + request.query)}}};
  }
  auto page = developer_page(home_templates().render("home/nothing",
                                                     html::Object{{"title", "Nothing is here"},
                                                                  {"css", assets::url("guide.css")},
                                                                  {"path", request.path},
                                                                  {"request", request.id}},
                                                     html::Language{}));
  page.status = 404;
  page.code = "not_found";
  return page;
}

void add_home_route(http::Router& router, const HomeBoard& board, const http::OwnHosts& hosts,
                    const FailurePages& failures) {
  const auto show = [&board](const http::Request&, http::Reply reply) {
    reply.send(developer_page(render_home(board.facts())));
  };
  router.add(http::Method::kGet, "/", "home", failures.for_browsers(for_own_hosts(hosts, show)));
}

}  // namespace countersign::api
