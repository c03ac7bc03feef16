#include "main/server/development_desk.h"

#include <filesystem>

#include "api/guide/guide.h"
#include "api/inbox/inbox.h"
#include "api/operations/operations.h"
#include "main/log.h"
#include "main/server/development.h"
#include "usecase/development/inbox.h"

namespace countersign::main {

delivery::InboxSink inbox_sink(DevelopmentDesk& desk, const InboxStore& into) {
  return [&desk, into](const delivery::OutgoingMessage& message, auto kept) {
    into.store.transact(
        into.worker,
        [&desk, into, message](store::Tx& tx) {
          Moment moment{into.clock.now(), into.random};
          const Duration later = desk.feed.delay();
          usecase::put_into_inbox(tx, into.context, message, moment, later);
          return later;
        },
        [&desk, kept = std::move(kept)](Result<Duration, store::StoreError> put) mutable {
          if (put) desk.feed.announce(*put);
          if (!put) log(Level::kError, "inbox_not_written", put.error().detail);
          kept(put.has_value());
        });
  };
}

void add_development_routes(http::Router& router, DevelopmentDesk& desk, const DevelopmentRoutes& parts) {
  const http::OwnHosts hosts(parts.config.public_url);
  const auto& credentials = parts.credentials;
  api::add_guide_routes(router, hosts, parts.failures,
                        {parts.apis, SecretString(credentials.api_key), credentials.account_sid,
                         SecretString(credentials.auth_token), credentials.service_sid, parts.config.trusted_proxies,
                         [&desk](const http::AccessRecord& record) { desk.note(record); }});
  api::add_home_route(router, parts.home, hosts, parts.failures);
  api::add_inbox_route(router, parts.api, desk.calls, hosts);
  api::add_inbox_page(router, parts.api, {desk.feed, desk.calls, desk.outage, desk.pushes ? &*desk.pushes : nullptr},
                      hosts, parts.failures,
                      std::filesystem::absolute(credentials_file(parts.config.data_dir)).string());
}

}  // namespace countersign::main
