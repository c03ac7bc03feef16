#pragma once

#include <string>

#include "api/api.h"
#include "api/inbox/feed.h"

namespace countersign::api {

/// The development inbox as a page: `/dev/inbox`, its news and its forms. Development mode alone: in production there
/// is nothing at these paths. `credentials_file`: where the page's sample takes its API key from. `api` and `feed`
/// outlive the router.
void add_inbox_page(http::Router& router, const Api& api, Feed& feed, const std::string& credentials_file);

}  // namespace countersign::api
