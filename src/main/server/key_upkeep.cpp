#include "main/server/key_upkeep.h"

#include <fmt/format.h>

#include <algorithm>

#include "main/log.h"
#include "store/repository/accounts.h"

namespace countersign::main {

namespace {

constexpr int kPage = 100;  // The most that one commit re-seals: about a millisecond of work.

/// Whether all nodes seal under the same key as this one: until then the work cannot end.
bool all_agree(store::Tx& tx, const store::KeyHolder& self) {
  return std::ranges::all_of(store::key_holders(tx, self.seen_at), [&](const store::KeyHolder& other) {
    return other.current_seal_key == self.current_seal_key;
  });
}

/// Whether this node must re-seal what others have sealed.
bool is_due(store::Tx& tx, const store::KeyHolder& self) {
  if (store::sealed_anew_under(tx) == self.current_seal_key) return false;
  const auto keys = store::checked_seal_keys(tx);
  if (std::ranges::all_of(keys, [&](std::uint32_t id) { return id == self.current_seal_key; })) return false;
  const auto holders = store::key_holders(tx, self.seen_at);
  return !holders.empty() && holders.front().node == self.node && all_agree(tx, self);
}

}  // namespace

KeyUpkeep::KeyUpkeep(const usecase::Background& with, const LiveKeys& keys)
    : store_(with.store),
      context_(with.context),
      keys_(keys),
      clock_(with.clock),
      random_(with.random),
      worker_(store::kHolderPeriod, [this] { tick(); }) {
  worker_.start();
}

Result<Done, store::StoreError> KeyUpkeep::announce() {
  const auto self = keys_.holder(context_.settings.node, clock_.now());
  return store_.transact_now([&](store::Tx& tx) {
    store::save_key_holder(tx, self);
    return Done{};
  });
}

void KeyUpkeep::stop() {
  worker_.stop();
  // Removes this node's record, so that it blocks nobody. If the write fails, the record expires.
  static_cast<void>(store_.transact_now([&](store::Tx& tx) {
    store::remove_key_holder(tx, context_.settings.node);
    return Done{};
  }));
}

void KeyUpkeep::tick() {
  store_.transact(
      worker_,
      [self = keys_.holder(context_.settings.node, clock_.now())](store::Tx& tx) {
        store::save_key_holder(tx, self);
        return is_due(tx, self);
      },
      [this](Result<bool, store::StoreError> due) {
        if (!due) return log(Level::kWarning, "keys_not_announced", due.error().detail);
        if (!*due || walking_) return;
        walking_ = true;
        key_ = context_.vault.sealer().current_key_id();
        cursor_ = {};
        sealed_ = 0;
        step();
      });
}

bool KeyUpkeep::is_stale() const { return context_.vault.sealer().current_key_id() != key_; }

/// Looks on a snapshot, without blocking writers, and writes only what needs work.
void KeyUpkeep::step() {
  struct Page {
    store::SealedCursor cursor;
    std::vector<store::SealedValue> values;
    bool is_there = false;
  };
  store_.read(
      worker_,
      [key = key_, cursor = cursor_](store::Tx& tx) {
        Page page{cursor, {}, false};
        page.is_there = store::next_sealed(tx, key, kPage, page.cursor, page.values);
        return page;
      },
      [this](Result<Page, store::StoreError> page) {
        if (!page || is_stale()) {
          walking_ = false;  // The next tick starts again.
          return;
        }
        if (!page->is_there) return finish();
        cursor_ = std::move(page->cursor);
        if (page->values.empty()) return step();
        seal(std::move(page->values));
      });
}

void KeyUpkeep::seal(std::vector<store::SealedValue> values) {
  store_.transact(
      worker_,
      [this, values = std::move(values)](store::Tx& tx) {
        return store::seal_anew(tx, context_.vault, values, random_);
      },
      [this](Result<std::int64_t, store::StoreError> done) {
        if (!done) {
          walking_ = false;
          return log(Level::kWarning, "sealing_anew_failed", done.error().detail);
        }
        sealed_ += *done;
        step();
      });
}

void KeyUpkeep::finish() {
  walking_ = false;
  store_.transact(
      worker_,
      [self = keys_.holder(context_.settings.node, clock_.now()), key = key_](store::Tx& tx) {
        if (self.current_seal_key != key || !all_agree(tx, self)) return false;
        store::save_sealed_anew(tx, key);
        return true;
      },
      [this](const Result<bool, store::StoreError>& done) {
        if (done && *done)
          log(Level::kInfo, "sealed_anew", fmt::format("{} values are under sealing key {} now", sealed_, key_));
      });
}

}  // namespace countersign::main
