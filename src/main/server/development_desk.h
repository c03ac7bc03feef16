#pragma once

#include <memory>

#include "api/api.h"
#include "api/home/home.h"
#include "api/inbox/calls.h"
#include "api/inbox/feed.h"
#include "api/pages/failure_page.h"
#include "delivery/providers/inbox.h"
#include "main/config/config.h"
#include "main/server/server.h"

namespace countersign::main {

/// Parts of a development server only: the inbox's feed, its call log, and the outage switch.
struct DevelopmentDesk {
  explicit DevelopmentDesk(const Clock& clock) : feed(clock), calls(clock), outage(clock) {}

  void note(const http::AccessRecord& record) {
    if (calls.note(record)) feed.announce();
  }

  api::Feed feed;
  api::CallLog calls;
  delivery::InboxOutage outage;
};

/// Where inbox messages are stored: `worker` writes them into the database, with the delay of the desk. Everything
/// outlives the providers.
struct InboxStore {
  store::Store& store;
  Executor& worker;
  const usecase::Context& context;
  Clock& clock;
  Random& random;
};
[[nodiscard]] delivery::InboxSink inbox_sink(DevelopmentDesk& desk, const InboxStore& into);

/// Adds home page, inbox and guide; the guide's forms call `apis`. Everything outlives the router.
struct DevelopmentRoutes {
  const Config& config;
  const Server::Credentials& credentials;
  const api::Api& api;
  const api::HomeBoard& home;
  const api::FailurePages& failures;
  std::shared_ptr<http::Router> apis;
};
void add_development_routes(http::Router& router, DevelopmentDesk& desk, const DevelopmentRoutes& parts);

}  // namespace countersign::main
