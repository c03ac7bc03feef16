#include "assets/assets.h"

#include <map>

#include "assets/assets_files.h"
#include "base/check.h"
#include "base/json.h"

namespace countersign::assets {

namespace {

std::string_view bytes_of(std::string_view name) {
  for (const auto& file : dist_files()) {
    if (file.name == name) return file.bytes;
  }
  CS_CHECK(!"web/dist lacks a file that it should have");
  return {};
}

std::string_view type_of(std::string_view name) {
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  CS_CHECK(name.ends_with(".js"));
  return "text/javascript; charset=utf-8";
}

/// `verify-0f1e2d3c4b5a.css` → `0f1e2d3c4b5a`
std::string_view digest_of(std::string_view hashed_name) {
  const auto dash = hashed_name.rfind('-');
  const auto dot = hashed_name.rfind('.');
  CS_CHECK(dash != std::string_view::npos && dot != std::string_view::npos && dash < dot);
  return hashed_name.substr(dash + 1, dot - dash - 1);
}

struct Table {
  std::map<std::string, std::string, std::less<>> urls;
  std::map<std::string, Asset, std::less<>> by_hashed_name;
};

/// From web/dist/manifest.json: plain names to hashed names.
Table make_table() {
  Table table;
  const auto manifest = parse_json(bytes_of("manifest.json"));
  CS_CHECK(manifest.has_value());
  for (const auto& [name, value] : manifest->as_object()) {
    const std::string hashed(value.as_string());
    table.urls.emplace(name, "/assets/" + hashed);
    table.by_hashed_name.emplace(
        hashed, Asset{type_of(hashed), {}, bytes_of(hashed), bytes_of(hashed + ".gz"), bytes_of(hashed + ".br")});
  }
  for (auto& [hashed, asset] : table.by_hashed_name) asset.digest = digest_of(hashed);
  return table;
}

const Table& table() {
  static const Table made = make_table();
  return made;
}

}  // namespace

const std::string& url(std::string_view name) {
  const auto found = table().urls.find(name);
  CS_CHECK(found != table().urls.end());
  return found->second;
}

const Asset* find(std::string_view hashed_name) {
  const auto found = table().by_hashed_name.find(hashed_name);
  return found == table().by_hashed_name.end() ? nullptr : &found->second;
}

std::string_view page(std::string_view name) {
  CS_CHECK(name.ends_with(".html"));
  return bytes_of(name);
}

}  // namespace countersign::assets
