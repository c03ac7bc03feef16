#pragma once

#include <string>

#include "api/pages/site.h"
#include "html/value.h"

namespace countersign::api::pages {

/// A page with the headers of every page: a content security policy that allows only our own style, script and
/// pictures, no referrer (the URL holds a secret), no frames. [WEB-4, WEB-8]
[[nodiscard]] http::Response html_response(const Site& site, int status, std::string body);
[[nodiscard]] http::Response html_response(bool https, int status, std::string body);

/// Lets a page with push.js register the worker of devices.
void allow_worker(http::Response& response);

/// 303 to the page with the current state.
[[nodiscard]] http::Response see_other(const Site& site, std::string location);

/// "This page does not exist" or "something went wrong", with the request's id. 404 for every invalid link: nothing
/// shows whether a transaction exists.
[[nodiscard]] http::Response unavailable(const Site& site, const http::Request& request, int status);
/// For a page that failed after its transaction was read: with a link back.
[[nodiscard]] http::Response broken(const Site& site, const Visit& visit, const usecase::PersonView& view);

/// For the value `languages` of a page that belongs to no transaction: href, tag and label of each language but its
/// own.
[[nodiscard]] html::List links_to_other_languages(const Site& site, const html::Language& language);

/// Values for the head and foot of every page.
[[nodiscard]] html::Object frame_values(std::string_view host, const html::Language& language, const Brand& brand,
                                        const ServiceId* service, WallTime now);
[[nodiscard]] html::Object frame_values(const Site& site, const html::Language& language, const Brand& brand,
                                        const ServiceId* service, WallTime now);

}  // namespace countersign::api::pages
