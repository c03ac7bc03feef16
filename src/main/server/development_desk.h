#pragma once

#include <memory>
#include <optional>

#include "api/api.h"
#include "api/home/home.h"
#include "api/inbox/calls.h"
#include "api/inbox/feed.h"
#include "api/pages/failure_page.h"
#include "delivery/providers/inbox.h"
#include "delivery/push_endpoint.h"
#include "main/config/config.h"
#include "main/server/server.h"
#include "usecase/development/kept_pushes.h"

namespace countersign::main {

/// Parts of a development server only: the inbox's feed, its call log, and the outage switch.
struct DevelopmentDesk {
  explicit DevelopmentDesk(const Clock& clock) : feed(clock), calls(clock), outage(clock) {}

  void note(const http::AccessRecord& record) {
    if (calls.note(record)) feed.announce();
  }

  /// What is sent from then on shows up in the inbox, and goes to push services that the configuration names or that
  /// are not of the Internet. `next` outlives this.
  usecase::PushOutbox& keep_pushes(usecase::PushOutbox& next, const Clock& clock, bool named) {
    const auto leaves = [named](std::string_view to) { return named || delivery::is_nearby_endpoint(to); };
    return pushes.emplace(next, clock, leaves, [this] { feed.announce(); });
  }

  api::Feed feed;
  api::CallLog calls;
  delivery::InboxOutage outage;
  std::optional<usecase::KeptPushes> pushes;  ///< With Web Push.
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
