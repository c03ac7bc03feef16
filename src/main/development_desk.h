#pragma once

#include <memory>

#include "api/api.h"
#include "api/home/home.h"
#include "api/inbox/calls.h"
#include "api/inbox/feed.h"
#include "api/pages/failure_page.h"
#include "delivery/providers/inbox.h"
#include "main/config.h"
#include "main/server.h"

namespace countersign::app {

/// What only a development server has: the news of the inbox, the calls that it shows, and the switch of its outage.
struct DevelopmentDesk {
  explicit DevelopmentDesk(const Clock& clock) : feed(clock), calls(clock), outage(clock) {}

  void note(const http::AccessRecord& record) {
    if (calls.note(record)) feed.announce();
  }

  api::Feed feed;
  api::CallLog calls;
  delivery::InboxOutage outage;
};

/// What is delivered to the inbox comes into the database by `worker`, as late as the desk says. All of it outlives the
/// providers.
struct InboxStore {
  store::Store& store;
  Executor& worker;
  const usecase::Context& context;
  Clock& clock;
  Random& random;
};
[[nodiscard]] delivery::InboxSink inbox_sink(DevelopmentDesk& desk, const InboxStore& into);

/// Home page, inbox and guide; `apis` is what the guide's forms reach. All of it outlives the router.
struct DevelopmentRoutes {
  const Config& config;
  const Server::Credentials& credentials;
  const api::Api& api;
  const api::HomeBoard& home;
  const api::FailurePages& failures;
  std::shared_ptr<http::Router> apis;
};
void add_development_routes(http::Router& router, DevelopmentDesk& desk, const DevelopmentRoutes& parts);

}  // namespace countersign::app
