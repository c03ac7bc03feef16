#pragma once

#include <string>

#include "api/api.h"
#include "api/inbox/calls.h"
#include "api/inbox/feed.h"
#include "api/pages/failure_page.h"
#include "delivery/providers/inbox_outage.h"
#include "http/own_hosts.h"

namespace countersign::api {

/// What the inbox works with beside the API's parts. All of it outlives the router.
struct InboxParts {
  Feed& feed;
  const CallLog& calls;
  delivery::InboxOutage& outage;
};

/// The development inbox as a page: `/dev/inbox`, its news and its forms. Development mode alone: in production there
/// is nothing at these paths. 421 where the request's Host is none of `hosts`. `credentials_file`: where the page's
/// sample takes its API key from. `api` and `failures` outlive the router.
void add_inbox_page(http::Router& router, const Api& api, const InboxParts& parts, const http::OwnHosts& hosts,
                    const FailurePages& failures, const std::string& credentials_file);

}  // namespace countersign::api
