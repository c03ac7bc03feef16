#pragma once

#include <map>
#include <span>
#include <string>

#include "api/api.h"
#include "base/embedded_file.h"
#include "html/zone.h"

namespace countersign::api {

/// A picture that was checked to be one when the configuration was read.
struct Logo {
  std::string content_type;  ///< image/png, image/jpeg or image/webp
  std::string bytes;
};

/// How the pages of one service look.
struct Brand {
  std::string name;
  std::string accent;           ///< `#rrggbb`; empty: Countersign's own.
  Logo logo;                    ///< No bytes: Countersign's own sign.
  std::string support_url;      ///< https:, mailto: or tel:; may be empty.
  std::string support_contact;  ///< As people read it; may be empty.
  html::Zone zone;              ///< In which times are shown.
  std::string home_url = {};    ///< Where a page leads back to that knows no better; may be empty.
};

struct PageSettings {
  std::map<ServiceId, Brand> brands;
  std::span<const EmbeddedFile> templates{};  ///< In place of the built-in ones, for tests of what breaks.
};

/// The templates that are built in.
[[nodiscard]] std::span<const EmbeddedFile> page_templates();

/// The pages for people: `/verify/{link}` and what its forms post to, and `/brand/…`, the style and logo of a service.
/// The public URL of the settings decides whether cookies are for https alone. Templates and texts are read here, once;
/// a fault in them is a bug and ends the process.
void add_page_routes(http::Router& router, const Api& api, PageSettings settings);

}  // namespace countersign::api
