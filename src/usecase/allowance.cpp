#include "usecase/allowance.h"

#include <fmt/format.h>

#include <vector>

#include "contact/phone_number.h"
#include "store/repository/counters.h"
#include "usecase/tally.h"

namespace countersign::usecase {

namespace {

/// Windows that belong to no row of their own, counted together: all of them, or none.
class Counters {
 public:
  Counters(store::Tx& tx, const AccountId& account, WallTime now) : tx_(tx), account_(account), now_(now) {}

  /// False when the limit of that name is used up; then what was counted before is taken back.
  bool count(std::string key, const domain::Rate& rate) {
    if (rate.max == 0) return true;
    if (!store::count_in_counter(tx_, account_, key, rate, now_)) {
      retry_after_ = store::wait_for_counter(tx_, account_, key, rate, now_);
      take_back();
      return false;
    }
    counted_.push_back(std::move(key));
    return true;
  }

  void take_back() {
    for (const auto& key : counted_) store::take_back(tx_, account_, key);
    counted_.clear();
  }

  [[nodiscard]] Duration retry_after() const { return retry_after_; }

 private:
  store::Tx& tx_;
  AccountId account_;
  WallTime now_;
  std::vector<std::string> counted_;
  Duration retry_after_{};
};

/// Far more than a person fills in, within the life of any transaction.
constexpr domain::Rate kFormsOfATransaction{200, std::chrono::hours(24)};

/// Keyed, because whose network it is must not be readable at rest.
std::string ip_key(const store::Vault& vault, std::string_view what, const IpAddress& address) {
  return fmt::format("{} ip ", what) + vault.digester().blind_index("ip", address.limit_key());
}

std::string check_key(const store::Vault& vault, const IpAddress& address) { return ip_key(vault, "check", address); }

/// Where limits are counted that refuse something.
struct Guarded {
  store::Tx& tx;
  const Context& context;
  AccountId account;
  std::string_view address = {};  ///< Whom the message is for; empty where it is not about one.
};

/// `limit`: its name in the metrics. `what`: there were too many of them.
Failure<Problem> limited(const Guarded& guarded, std::string_view limit, std::string_view what, Duration retry_after) {
  note_limit(guarded.tx, guarded.context, guarded.account, limit, guarded.address);
  return fail(Problem{Code::kRateLimited, fmt::format("too many {}", what), "", retry_after});
}

/// The address's own window. Strangers who ask for messages to somebody's number must not lock its owner out, who has
/// proved it before and has windows of her own. Answers how long to wait; otherwise the sending is counted.
std::optional<Duration> address_refusal(store::Tx& tx, const AccountId& account, const domain::Rate& rate,
                                        const AddressId& address, bool exempt, WallTime now) {
  if (rate.max == 0 || store::count_in_address(tx, account, address, rate, now) || exempt) return std::nullopt;
  return domain::count_event(store::find_address_window(tx, account, address), rate, now).retry_after;
}

/// What costs the account money, whatever it is that is sent.
Answer<Done> count_spending(const Guarded& guarded, Counters& counters, const Limits& limits, contact::Channel channel,
                            bool proved) {
  const auto part_of = [&](const domain::Rate& rate) {
    return proved ? rate : domain::strangers_part(rate, limits.strangers_share);
  };
  if (!counters.count("send account", part_of(limits.sends_per_account)))
    return limited(guarded, "sends_per_account", "messages for this account", counters.retry_after());
  if (!contact::uses_phone(channel)) return Done{};
  const auto prefix = guarded.address.substr(0, 1 + contact::calling_code_digits(guarded.address));
  if (!counters.count(fmt::format("send country {}", prefix), part_of(limits.sends_per_country)))
    return limited(guarded, "sends_per_country", "messages to this country", counters.retry_after());
  return Done{};
}

}  // namespace

Answer<Done> count_send(store::Tx& tx, const Context& context, const Caller& caller, const Limits& limits,
                        store::ContactRow& contact, std::string_view address, bool code_alone, WallTime now) {
  const Guarded guarded{tx, context, caller.account, address};
  const auto by_contact = domain::count_event(contact.sends, limits.sends_per_contact, now);
  if (!by_contact.allowed)
    return limited(guarded, "sends_per_contact", "messages to this contact", by_contact.retry_after);
  const auto by_subject = domain::count_event(contact.subject_sends, limits.sends_per_subject, now);
  if (!by_subject.allowed)
    return limited(guarded, "sends_per_subject", "messages to this subject", by_subject.retry_after);

  Counters counters(tx, caller.account, now);
  const auto of_address =
      contact.line_proved ? limits.sends_per_ip : domain::strangers_part(limits.sends_per_ip, limits.strangers_share);
  if (caller.end_user && !counters.count(ip_key(context.vault, "send", *caller.end_user), of_address)) {
    return limited(guarded, "sends_per_ip", "messages asked for from this network address", counters.retry_after());
  }
  if (auto spent = count_spending(guarded, counters, limits, contact.channel, contact.line_proved); !spent)
    return spent;
  const bool exempt = contact.line_proved && !code_alone;
  if (const auto wait =
          address_refusal(tx, caller.account, limits.sends_per_address, contact.address_id, exempt, now)) {
    counters.take_back();
    return limited(guarded, "sends_per_address", "messages to this address", *wait);
  }
  if (contact.sends == by_contact.next && contact.subject_sends == by_subject.next) return Done{};  // Unlimited.
  contact.sends = by_contact.next;
  contact.subject_sends = by_subject.next;
  store::save_sends(tx, caller.account, contact);
  return Done{};
}

Answer<Done> count_notice(store::Tx& tx, const Context& context, const AccountId& account, const Limits& limits,
                          contact::Channel channel, std::string_view address, bool proved, WallTime now) {
  Counters counters(tx, account, now);
  return count_spending({tx, context, account, address}, counters, limits, channel, proved);
}

Answer<Done> count_objection_code(store::Tx& tx, const Context& context, const AccountId& account, const Limits& limits,
                                  contact::Channel channel, const AddressId& to, std::string_view address, bool proved,
                                  WallTime now) {
  const Guarded guarded{tx, context, account, address};
  Counters counters(tx, account, now);
  if (auto spent = count_spending(guarded, counters, limits, channel, proved); !spent) return spent;
  const auto wait = address_refusal(tx, account, limits.sends_per_address, to, proved, now);
  if (!wait) return Done{};
  counters.take_back();
  return limited(guarded, "sends_per_address", "messages to this address", *wait);
}

Answer<Done> count_check(store::Tx& tx, const Context& context, const Caller& caller, const Limits& limits,
                         Guesser guesser, WallTime now) {
  const Guarded guarded{tx, context, caller.account};
  if (guesser == Guesser::kStranger && caller.end_user && limits.checks_per_ip.max > 0) {
    const auto window = store::find_counter(tx, caller.account, check_key(context.vault, *caller.end_user));
    const auto allowance = domain::count_event(window, limits.checks_per_ip, now);
    if (!allowance.allowed)
      return limited(guarded, "checks_per_ip", "wrong codes from this network address", allowance.retry_after);
  }
  Counters counters(tx, caller.account, now);
  if (!counters.count("check account", limits.checks_per_account)) {
    return limited(guarded, "checks_per_account", "checks for this account", counters.retry_after());
  }
  return Done{};
}

Answer<Done> count_form(store::Tx& tx, const Context& context, const Caller& caller, const TransactionId& transaction,
                        WallTime now) {
  Counters counters(tx, caller.account, now);
  if (counters.count("forms " + transaction.text(), kFormsOfATransaction)) return Done{};
  return limited({tx, context, caller.account}, "forms", "forms of this page", counters.retry_after());
}

void count_wrong_check(store::Tx& tx, const store::Vault& vault, const Caller& caller, const Limits& limits,
                       Guesser guesser, WallTime now) {
  if (guesser == Guesser::kKnown || !caller.end_user || limits.checks_per_ip.max == 0) return;
  // There was room for it: count_check has seen to that.
  static_cast<void>(
      store::count_in_counter(tx, caller.account, check_key(vault, *caller.end_user), limits.checks_per_ip, now));
}

}  // namespace countersign::usecase
