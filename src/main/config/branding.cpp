#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "domain/display.h"
#include "domain/return_url.h"
#include "html/colour.h"
#include "html/escape.h"
#include "main/config/files.h"
#include "main/config/parts.h"

namespace countersign::main {

namespace {

constexpr std::size_t kLogoMax = 64UL * 1024;
constexpr std::string_view kZones = "/usr/share/zoneinfo";

/// The image type from the first bytes; the file's name is not trusted. SVG is not accepted: it can hold scripts and
/// load external content, and a flaw in a sanitiser would affect the page where codes are typed.
std::string_view picture_type(std::string_view bytes) {
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return "image/png";
  if (bytes.starts_with("\xff\xd8\xff")) return "image/jpeg";
  if (bytes.starts_with("RIFF") && bytes.substr(0, 12).ends_with("WEBP")) return "image/webp";
  return {};
}

void read_logo(Section& section, BrandingConfig& branding) {
  std::filesystem::path path;
  section.path("logo", path);
  if (path.empty()) return;
  const auto file = read_small_file(path);
  if (!file) return section.fail("logo", fmt::format("names {}, which {}", path.string(), file.error()));
  const std::string& bytes = file->expose();
  const auto type = picture_type(bytes);
  if (type.empty()) {
    return section.fail("logo", fmt::format("names {}, which is no PNG, JPEG or WebP picture; SVG is not accepted, "
                                            "because it can hold scripts: export it as PNG, 52 pixels high",
                                            path.string()));
  }
  if (bytes.size() > kLogoMax) {
    return section.fail("logo", fmt::format("names {}, which has {} KiB; a logo may have 64", path.string(),
                                            (bytes.size() + 1023) / 1024));
  }
  branding.logo_type = type;
  branding.logo_bytes = bytes;
}

void read_accent(Section& section, BrandingConfig& branding) {
  std::optional<html::Colour> accent;
  section.parsed(
      "accent", accent, [](std::string_view text) { return html::Colour::parse(text); }, "a colour such as #1f6feb");
  if (!accent) return;
  const html::Colour readable = html::readable_on_light(*accent);
  if (readable != *accent) {
    constexpr html::Colour kPaper{{0xf6, 0xf5, 0xf1}};
    return section.fail("accent",
                        fmt::format("is {}, whose contrast on the page is {:.1f}; text needs 4.5, so choose a "
                                    "darker one, such as {}",
                                    accent->text(), html::contrast(*accent, kPaper), readable.text()));
  }
  branding.accent = accent->text();
}

std::optional<std::string> parse_support_url(std::string_view text) {
  const bool has_scheme = text.starts_with("https://") || text.starts_with("mailto:") || text.starts_with("tel:");
  return has_scheme && text.size() <= 300 && html::is_safe_link(text) ? std::optional(std::string(text)) : std::nullopt;
}

std::optional<std::string> parse_home_url(std::string_view text) {
  return domain::is_web_url(text) ? std::optional(std::string(text)) : std::nullopt;
}

bool is_zone_name(std::string_view name) {
  return !name.empty() && name.front() != '/' && name.find("..") == std::string_view::npos &&
         std::ranges::all_of(
             name, [](char c) { return is_letter_or_digit(c) || c == '/' || c == '_' || c == '-' || c == '+'; });
}

}  // namespace

void read_branding(Section section, ServiceConfig& service) {
  auto& branding = service.branding;
  branding.name = service.friendly_name;
  section.text("name", branding.name);
  if (branding.name.empty() || !domain::is_showable(branding.name, 64))
    section.fail("name", "must be 1 to 64 characters without control characters");
  read_logo(section, branding);
  read_accent(section, branding);
  section.parsed("support_url", branding.support_url, parse_support_url,
                 "an https:// address, or mailto: or tel: and where to");
  section.parsed("home_url", branding.home_url, parse_home_url, "an https:// or http:// address");
  section.text("support_contact", branding.support_contact);
  if (!domain::is_showable(branding.support_contact, 100))
    section.fail("support_contact", "must be at most 100 characters without control characters");
  section.finish();
}

void read_time_zone(Section& section, ServiceConfig& service) {
  std::string name = "UTC";
  section.text("time_zone", name);
  if (name == "UTC") return;
  if (!is_zone_name(name)) return section.fail("time_zone", "must be a name such as America/Sao_Paulo");
  const auto file = read_small_file(std::filesystem::path(kZones) / name);
  const auto zone = file ? html::Zone::parse(file->expose(), name) : std::nullopt;
  if (!zone) {
    return section.fail("time_zone", fmt::format("names {}, which is not among the zones in {}; install tzdata, or "
                                                 "correct the name",
                                                 name, kZones));
  }
  service.time_zone = *zone;
}

}  // namespace countersign::main
