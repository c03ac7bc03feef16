#pragma once

#include <string>

#include "api/api.h"
#include "api/inbox/calls.h"
#include "api/inbox/feed.h"
#include "api/pages/failure_page.h"
#include "delivery/providers/inbox_outage.h"
#include "http/own_hosts.h"
#include "usecase/development/kept_pushes.h"

namespace countersign::api {

/// What the inbox needs besides the Api. Everything outlives the router.
struct InboxParts {
  Feed& feed;
  const CallLog& calls;
  delivery::InboxOutage& outage;
  const usecase::KeptPushes* pushes = nullptr;  ///< Null: without Web Push.
};

/// The development inbox: `/dev/inbox`, its event stream and its forms. Only in development mode: in production these
/// routes do not exist. 421 if the request's Host is not in `hosts`. `credentials_file`: from which the page's sample
/// reads its API key. `api` and `failures` outlive the router.
void add_inbox_page(http::Router& router, const Api& api, const InboxParts& parts, const http::OwnHosts& hosts,
                    const FailurePages& failures, const std::string& credentials_file);

}  // namespace countersign::api
