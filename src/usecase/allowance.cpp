#include "usecase/allowance.h"

#include <fmt/format.h>

#include <vector>

#include "contact/phone_number.h"
#include "store/repository/counters.h"

namespace countersign::usecase {

namespace {

/// Windows that belong to no row of their own, judged together: all are counted, or none.
class Counters {
 public:
  Counters(store::Tx& tx, const AccountId& account, WallTime now) : tx_(tx), account_(account), now_(now) {}

  /// False when the limit of that name is used up.
  bool count(std::string key, const domain::Rate& rate) {
    if (rate.max == 0) return true;
    const domain::Window before = store::find_counter(tx_, account_, key);
    const auto allowance = domain::count_event(before, rate, now_);
    if (!allowance.allowed) {
      retry_after_ = allowance.retry_after;
      return false;
    }
    counted_.push_back({std::move(key), before, allowance.next});
    return true;
  }

  void save() {
    for (const auto& c : counted_) store::save_counter(tx_, account_, c.key, c.before, c.after);
  }

  [[nodiscard]] Duration retry_after() const { return retry_after_; }

 private:
  struct Counted {
    std::string key;
    domain::Window before;
    domain::Window after;
  };
  store::Tx& tx_;
  AccountId account_;
  WallTime now_;
  std::vector<Counted> counted_;
  Duration retry_after_{};
};

/// Keyed, because whose network it is must not be readable at rest.
std::string ip_key(const store::Vault& vault, std::string_view what, const IpAddress& address) {
  return fmt::format("{} ip ", what) + vault.digester().blind_index("ip", address.limit_key());
}

Failure<Problem> limited(std::string_view what, Duration retry_after) {
  return fail(Problem{Code::kRateLimited, fmt::format("too many {}", what), "", retry_after});
}

}  // namespace

Answer<Done> count_send(store::Tx& tx, const store::Vault& vault, const Caller& caller, const Limits& limits,
                        store::ContactRow& contact, std::string_view address, WallTime now) {
  const auto by_contact = domain::count_event(contact.sends, limits.sends_per_contact, now);
  if (!by_contact.allowed) return limited("messages to this contact", by_contact.retry_after);
  const auto by_subject = domain::count_event(contact.subject_sends, limits.sends_per_subject, now);
  if (!by_subject.allowed) return limited("messages to this subject", by_subject.retry_after);
  // Strangers who ask for messages to somebody's number must not lock its owner out, who has proved it before.
  auto by_address = domain::count_event(contact.address_sends, limits.sends_per_address, now);
  if (!by_address.allowed && !contact.proved_at) return limited("messages to this address", by_address.retry_after);

  Counters counters(tx, caller.account, now);
  if (caller.end_user && !counters.count(ip_key(vault, "send", *caller.end_user), limits.sends_per_ip)) {
    return limited("messages asked for from this network address", counters.retry_after());
  }
  if (!counters.count("send account", limits.sends_per_account)) {
    return limited("messages for this account", counters.retry_after());
  }
  if (contact::uses_phone(contact.channel)) {
    const auto prefix = address.substr(0, 1 + contact::calling_code_digits(address));
    if (!counters.count(fmt::format("send country {}", prefix), limits.sends_per_country)) {
      return limited("messages to this country", counters.retry_after());
    }
  }
  counters.save();
  contact.sends = by_contact.next;
  contact.subject_sends = by_subject.next;
  contact.address_sends = by_address.next;
  store::save_sends(tx, caller.account, contact);
  return Done{};
}

Answer<Done> count_check(store::Tx& tx, const store::Vault& vault, const Caller& caller, const Limits& limits,
                         WallTime now) {
  Counters counters(tx, caller.account, now);
  if (caller.end_user && !counters.count(ip_key(vault, "check", *caller.end_user), limits.checks_per_ip)) {
    return limited("checks from this network address", counters.retry_after());
  }
  if (!counters.count("check account", limits.checks_per_account)) {
    return limited("checks for this account", counters.retry_after());
  }
  counters.save();
  return Done{};
}

}  // namespace countersign::usecase
