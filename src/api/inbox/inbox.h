#pragma once

#include <string>

#include "api/api.h"
#include "api/inbox/feed.h"
#include "http/own_hosts.h"

namespace countersign::api {

/// The development inbox as a page: `/dev/inbox`, its news and its forms. Development mode alone: in production there
/// is nothing at these paths. 421 where the request's Host is none of `hosts`. `credentials_file`: where the page's
/// sample takes its API key from. `api` and `feed` outlive the router.
void add_inbox_page(http::Router& router, const Api& api, Feed& feed, const http::OwnHosts& hosts,
                    const std::string& credentials_file);

}  // namespace countersign::api
