#pragma once

#include <map>
#include <span>
#include <string>

#include "api/api.h"
#include "base/embedded_file.h"
#include "html/zone.h"

namespace countersign::api {

/// An image, validated when the configuration was read.
struct Logo {
  std::string content_type;  ///< image/png, image/jpeg or image/webp
  std::string bytes;
};

/// How the pages of one service look.
struct Brand {
  std::string name;
  std::string accent;           ///< `#rrggbb`; empty: the default.
  Logo logo;                    ///< Empty: the default.
  std::string support_url;      ///< https:, mailto: or tel:; may be empty.
  std::string support_contact;  ///< As shown to people; may be empty.
  html::Zone zone;              ///< For the times shown.
  std::string home_url = {};    ///< Fallback for a page's link back; may be empty.
};

struct PageSettings {
  std::map<ServiceId, Brand> brands;
  std::span<const EmbeddedFile> templates{};  ///< Replace the built-in ones, for tests of failures.
};

/// The built-in templates.
[[nodiscard]] std::span<const EmbeddedFile> page_templates();

/// The hosted pages: `/verify/{link}` with the targets of its forms, and `/brand/…`, a service's style and logo. The
/// public URL in the settings decides whether cookies are limited to https. Reads templates and texts once; an error in
/// them is a bug and ends the process.
void add_page_routes(http::Router& router, const Api& api, PageSettings settings);

}  // namespace countersign::api
