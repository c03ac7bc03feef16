#pragma once

#include <string>

#include "api/pages/site.h"
#include "html/value.h"

namespace countersign::api::pages {

/// A page with the headers that every page has: a policy that lets in nothing but our own style, script and pictures,
/// no referrer (the URL holds a secret), no frames. [WEB-4, WEB-8]
[[nodiscard]] http::Response html_response(const Site& site, int status, std::string body);
[[nodiscard]] http::Response html_response(bool https, int status, std::string body);

/// 303 to where the state is shown.
[[nodiscard]] http::Response see_other(const Site& site, std::string location);

/// "This page does not exist", "something went wrong", with the request's id. 404 for every kind of wrong link: whether
/// a transaction exists shows in nothing.
[[nodiscard]] http::Response unavailable(const Site& site, const http::Request& request, int status);
/// The same of a page that broke although its transaction could be read: with the way back.
[[nodiscard]] http::Response broken(const Site& site, const Visit& visit, const usecase::PersonView& view);

/// What the head and the foot of every page need.
[[nodiscard]] html::Object frame_values(std::string_view host, const html::Language& language, const Brand& brand,
                                        const ServiceId* service, WallTime now);
[[nodiscard]] html::Object frame_values(const Site& site, const html::Language& language, const Brand& brand,
                                        const ServiceId* service, WallTime now);

}  // namespace countersign::api::pages
