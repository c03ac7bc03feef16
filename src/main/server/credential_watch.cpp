#include "main/server/credential_watch.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "main/log.h"
#include "main/server/auth_tokens.h"
#include "store/repository/provider_marks.h"
#include "store/repository/risk_rules.h"
#include "usecase/outbox/provider_board.h"
#include "usecase/risk/rule_book.h"
#include "usecase/spending/outlay.h"

namespace countersign::main {

namespace {

constexpr auto kReadAnyway = std::chrono::seconds(5);
constexpr auto kWriteUses = std::chrono::minutes(1);

using Names = std::set<std::string, std::less<>>;

/// What has been stopped or started since.
void log_spending(const Names& before, const Names& after) {
  const auto tell = [](const Names& these, const Names& others, std::string_view what) {
    for (const auto& name : these) {
      if (name.starts_with(usecase::kAllSpending) && !others.contains(name))
        log(Level::kWarning, "spending", fmt::format("{}: {}", name, what));
    }
  };
  tell(after, before, "stopped by an operator");
  tell(before, after, "goes on");
}

}  // namespace

CredentialWatch::CredentialWatch(Parts parts)
    : parts_(parts), read_at_(parts.clock.monotonic()), uses_written_at_(read_at_), worker_(kLook, [this] {
        look();
        write_uses();
      }) {
  worker_.start();
}

void CredentialWatch::refresh(Task then) {
  worker_.post([this, then = std::move(then)]() mutable {
    waiting_.push_back(std::move(then));
    look();
  });
}

void CredentialWatch::look() {
  if (reading_) return;  // The next read serves those that wait: this one may have begun before the change.
  reading_ = true;
  served_ = std::exchange(waiting_, {});
  const bool anyway = !served_.empty() || parts_.clock.monotonic() - read_at_ >= kReadAnyway;
  parts_.store.read(
      worker_,
      [this, known = anyway ? std::nullopt : seen_](store::Tx& tx) -> std::optional<Found> {
        Found found;
        found.version = store::credential_version(tx);
        if (known == found.version) return std::nullopt;
        found.keys = store::all_api_keys(tx);
        found.tokens = read_auth_tokens(tx, parts_.vault, parts_.settings);
        for (const auto& [name, since] : store::drained_providers(tx)) found.drained.insert(name);
        found.shares = store::learned_shares(tx);
        for (auto& [account, row] : store::all_risk_rules(tx)) found.rules.emplace(account, std::move(row.content));
        return found;
      },
      [this](Result<std::optional<Found>, store::StoreError> found) { take(std::move(found)); });
}

void CredentialWatch::take(Result<std::optional<Found>, store::StoreError> found) {
  reading_ = false;
  if (!found) {
    std::move(waiting_.begin(), waiting_.end(), std::back_inserter(served_));
    waiting_ = std::exchange(served_, {});
    return;  // The next tick tries again.
  }
  if (*found) {
    seen_ = (*found)->version;
    read_at_ = parts_.clock.monotonic();
    parts_.keys.replace((*found)->keys);
    if (parts_.board != nullptr) {
      log_spending(parts_.board->all_drained(), (*found)->drained);
      parts_.board->set_drained(std::move((*found)->drained));
      parts_.board->set_shares(std::move((*found)->shares));
    }
    if (parts_.rules != nullptr) {
      for (const auto& account : parts_.rules->replace((*found)->rules))
        log(Level::kWarning, "risk_rules_unreadable", "of " + account.text() + ": those before stay in force");
    }
    parts_.auth_tokens.replace(std::move((*found)->tokens));
  }
  for (auto& then : std::exchange(served_, {})) {
    if (then) then();
  }
  if (!waiting_.empty()) look();
}

void CredentialWatch::write_uses() {
  const MonotonicTime now = parts_.clock.monotonic();
  if (now - uses_written_at_ < kWriteUses) return;
  uses_written_at_ = now;
  auto uses = parts_.keys.unwritten_uses();
  if (uses.empty()) return;
  parts_.store.transact(
      worker_,
      [uses = std::move(uses)](store::Tx& tx) {
        for (const auto& use : uses) store::note_use(tx, use.id, use.at);
        return Done{};
      },
      [](Result<Done, store::StoreError> written) {
        if (!written) log(Level::kWarning, "key_uses_not_written", written.error().detail);
      });
}

}  // namespace countersign::main
