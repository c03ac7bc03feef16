#include "main/site_links.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "base/json.h"

namespace countersign::main {

namespace {

struct Said {
  json::array origins;
  json::array android;
  json::array apple;
};

void add_once(json::array& list, json::value value) {
  if (std::ranges::find(list, value) == list.end()) list.push_back(std::move(value));
}

std::string fingerprint_text(std::string_view bytes) {
  std::string out;
  for (const char c : to_hex(bytes)) {
    if (out.size() % 3 == 2) out += ':';
    out += c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

/// Passkeys alone: no links are opened in the app.
json::object statement_of(const AndroidApp& app) {
  return {{"relation", json::array{"delegate_permission/common.get_login_creds"}},
          {"target", json::object{{"namespace", "android_app"},
                                  {"package_name", app.package},
                                  {"sha256_cert_fingerprints", json::array{fingerprint_text(app.fingerprint)}}}}};
}

}  // namespace

api::SiteLinks site_links(const Config& config) {
  std::map<std::string, Said> all;
  for (const auto& service : config.services) {
    if (!service.webauthn) continue;
    auto& said = all[service.webauthn->rp_id];
    for (const auto& origin : service.webauthn->related_origins) add_once(said.origins, json::value(origin));
    for (const auto& app : service.webauthn->android_apps) add_once(said.android, statement_of(app));
    for (const auto& app : service.webauthn->apple_apps) add_once(said.apple, json::value(app));
  }
  api::SiteLinks links;
  for (auto& [rp_id, said] : all) {
    auto& documents = links[rp_id];
    if (!said.origins.empty())
      documents.related_origins = canonical_json(json::object{{"origins", std::move(said.origins)}});
    if (!said.android.empty()) documents.android = canonical_json(json::value(std::move(said.android)));
    if (!said.apple.empty())
      documents.apple = canonical_json(json::object{{"webcredentials", json::object{{"apps", std::move(said.apple)}}}});
  }
  return links;
}

}  // namespace countersign::main
