#include "main/commands/admin.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <thread>

#include "base/check.h"
#include "main/commands/admin_client.h"
#include "main/commands/api_key_operations.h"
#include "main/commands/contact_operations.h"
#include "main/commands/local_socket.h"
#include "main/commands/provider_operations.h"
#include "main/commands/risk_blocks.h"
#include "main/commands/risk_operations.h"
#include "main/commands/spending_operations.h"
#include "main/config/keys.h"

namespace countersign::main {

namespace {

/// How long a command waits for a server to start, or for another command to end.
constexpr auto kBusyFor = std::chrono::seconds(20);
constexpr auto kBusyPause = std::chrono::milliseconds(50);

const AdminOperation& operation_named(std::string_view name) {
  const auto all = admin_operations();
  const auto found = std::ranges::find(all, name, &AdminOperation::name);
  CS_CHECK(found != all.end());
  return *found;
}

AdminAnswer run_here(const Config& config, const AdminCall& call, store::Store& store, Clock& clock, Random& random) {
  const auto keyring = keyring_of(config.secrets);
  const crypto::Sealer sealer(keyring);
  const crypto::Digester digester(keyring);
  store::EventIds event_ids;
  const AdminContext context{store, config, store::Vault(sealer, digester), digester, event_ids, clock, random};
  return operation_named(call.operation).run(context, call.arguments);
}

/// The file is open in another process that does not listen.
std::string why_nobody_answers(const Config& config, const StartFailure& failure) {
  if (const auto too_long = too_long_for_a_socket(admin_socket_of(config))) {
    return fmt::format("{}. It cannot be asked, because {}", failure.sentence, *too_long);
  }
  return fmt::format(
      "{}. It does not listen at {}: if it is a server, its log says why (\"admin_socket\"); if it is another command, "
      "wait for its end",
      failure.sentence, admin_socket_of(config).string());
}

}  // namespace

std::span<const AdminOperation> admin_operations() {
  static constexpr std::array kAll{
      AdminOperation{"api_key.create", create_api_key},    AdminOperation{"api_key.list", list_api_keys},
      AdminOperation{"api_key.revoke", revoke_api_key},    AdminOperation{"auth_token", change_auth_token},
      AdminOperation{"contact.allow", allow_contact},      AdminOperation{"provider.drain", drain_provider},
      AdminOperation{"provider.list", list_providers},     AdminOperation{"provider.freeze", freeze_provider},
      AdminOperation{"risk_block.list", list_risk_blocks}, AdminOperation{"risk_block.lift", lift_risk_block},
      AdminOperation{"spending.switch", switch_spending},  AdminOperation{"spending.show", show_spending},
      AdminOperation{"risk.decide", decide_risk_review},   AdminOperation{"risk.reviews", list_risk_reviews},
      AdminOperation{"risk.replay", replay_risk},
  };
  return kAll;
}

std::filesystem::path admin_socket_of(const Config& config) {
  std::error_code error;
  auto file = std::filesystem::weakly_canonical(config.store.sqlite_path, error);
  if (error) file = config.store.sqlite_path;
  return file += ".admin";
}

std::string admin_path(std::string_view operation) { return fmt::format("/admin/{}", operation); }

AdminAnswer administer(const Config& config, const AdminCall& call, Clock& clock, Random& random) {
  const MonotonicTime end = clock.monotonic() + kBusyFor;
  while (true) {
    if (!is_postgres(config)) {
      auto connection = connect_to_socket(admin_socket_of(config));
      if (!connection) return fail(connection.error());
      if (*connection) return ask_server(**std::move(connection), call);
    }
    auto store = open_store(config, clock, random, call.missing);
    if (store) return run_here(config, call, **store, clock, random);
    if (!store.error().in_use) return fail(store.error().sentence);
    if (clock.monotonic() >= end) return fail(why_nobody_answers(config, store.error()));
    std::this_thread::sleep_for(kBusyPause);
  }
}

}  // namespace countersign::main
