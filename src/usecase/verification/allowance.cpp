#include "usecase/verification/allowance.h"

#include <fmt/format.h>

#include <optional>
#include <vector>

#include "contact/phone_number.h"
#include "store/repository/counters.h"
#include "usecase/keys.h"
#include "usecase/tally.h"

namespace countersign::usecase {

namespace {

/// Counters without a row of their own, counted together: all or none.
class Counters {
 public:
  Counters(store::Tx& tx, const AccountId& account, WallTime now) : tx_(tx), account_(account), now_(now) {}

  /// False if that limit is used up; then the earlier counts are undone.
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

  /// False if it may not be spent; then the earlier counts are undone, and refusal() says why.
  bool spend(const Context& context, const Outlay& outlay, std::string_view address) {
    const auto paid = pay(tx_, context, account_, outlay, address, now_);
    if (!paid) {
      refusal_ = paid.error();
      take_back();
      return false;
    }
    if (price_of(context, account_, outlay, address) == 0) return true;
    for (auto& from : pays_from(context, account_, outlay, address)) counted_.push_back(std::move(from.key));
    return true;
  }

  void take_back() {
    for (const auto& key : counted_) store::take_back(tx_, account_, key);
    counted_.clear();
  }

  [[nodiscard]] Duration retry_after() const { return retry_after_; }
  [[nodiscard]] const Problem& refusal() const { return *refusal_; }

 private:
  store::Tx& tx_;
  AccountId account_;
  WallTime now_;
  std::vector<std::string> counted_;
  Duration retry_after_{};
  std::optional<Problem> refusal_;
};

/// Far more than a person needs within the life of a transaction.
constexpr domain::Rate kFormsOfATransaction{200, std::chrono::hours(24)};

/// Keyed, because whose network it is must not be readable at rest.
///
/// key of a counter := what is counted " ip ", and the blind index "ip" of the network, 16 bytes
std::string ip_key(const store::Vault& vault, std::string_view what, const IpAddress& address) {
  return fmt::format("{} ip ", what) + vault.digester().blind_index("ip", address.limit_key());
}

std::string check_key(const store::Vault& vault, const IpAddress& address) { return ip_key(vault, "check", address); }

/// Where limits that refuse are counted.
struct Guarded {
  store::Tx& tx;
  const Context& context;
  AccountId account;
  std::string_view address = {};  ///< The recipient; empty if there is no message.
};

/// `limit`: its name in the metrics. `what`: what there were too many of.
Failure<Problem> limited(const Guarded& guarded, std::string_view limit, std::string_view what, Duration retry_after) {
  note_limit(guarded.tx, guarded.context, guarded.account, limit, guarded.address);
  return fail(Problem{Code::kRateLimited, fmt::format("too many {}", what), "", retry_after});
}

/// The address's own window. Strangers who request messages to a number must not lock out its owner, who has proved it
/// and has separate windows. Returns how long to wait; otherwise the send is counted.
/// `known`: the window, where it was read with the contact.
std::optional<Duration> address_refusal(const Work& work, const domain::Rate& rate, const AddressId& address,
                                        bool exempt, const std::optional<domain::Window>& known = {}) {
  if (rate.max > 0 && known) {
    const auto judged = domain::count_event(*known, rate, work.moment.now);
    if (judged.allowed) store::put_in_address(work.tx, work.caller.account, address, rate, work.moment.now);
    return judged.allowed || exempt ? std::nullopt : std::optional(judged.retry_after);
  }
  if (rate.max == 0 || store::count_in_address(work.tx, work.caller.account, address, rate, work.moment.now) || exempt)
    return std::nullopt;
  return domain::count_event(store::find_address_window(work.tx, work.caller.account, address), rate, work.moment.now)
      .retry_after;
}

constexpr std::string_view kSendsOfAccount = "send account";

std::string country_key(std::string_view address) {
  return fmt::format("send country {}", address.substr(0, 1 + contact::calling_code_digits(address)));
}

/// What count_spending() counts in, and the network's counter if there is one: read together where that saves waits.
void look_at_spending(const Guarded& guarded, const domain::Limits& limits, contact::Channel channel,
                      std::optional<std::string> network) {
  if (!guarded.tx.is_shared()) return;
  std::vector<std::string> keys;
  if (network) keys.push_back(*std::move(network));
  if (limits.sends_per_account.max > 0) keys.emplace_back(kSendsOfAccount);
  if (contact::uses_phone(channel) && limits.sends_per_country.max > 0) keys.push_back(country_key(guarded.address));
  store::look_at_counters(guarded.tx, guarded.account, keys);
}

/// What costs the account money, for any kind of message. `outlay`: absent if nothing will be sent.
Answer<Done> count_spending(const Guarded& guarded, Counters& counters, const domain::Limits& limits,
                            contact::Channel channel, bool proved, const std::optional<Outlay>& outlay) {
  const auto part_of = [&](const domain::Rate& rate) {
    return proved ? rate : domain::strangers_part(rate, limits.strangers_share);
  };
  if (!counters.count(std::string(kSendsOfAccount), part_of(limits.sends_per_account)))
    return limited(guarded, "sends_per_account", "messages for this account", counters.retry_after());
  if (contact::uses_phone(channel) && !counters.count(country_key(guarded.address), part_of(limits.sends_per_country)))
    return limited(guarded, "sends_per_country", "messages to this country", counters.retry_after());
  if (outlay && !counters.spend(guarded.context, *outlay, guarded.address)) return fail(counters.refusal());
  return Done{};
}

}  // namespace

Answer<Done> count_send(const Work& work, const domain::Limits& limits, store::ContactRow& contact,
                        std::string_view address, const SendAsked& asked, const std::optional<Outlay>& outlay) {
  const Guarded guarded{work.tx, work.context, work.caller.account, address};
  const auto by_contact = domain::count_event(contact.sends, limits.sends_per_contact, work.moment.now);
  if (!by_contact.allowed)
    return limited(guarded, "sends_per_contact", "messages to this contact", by_contact.retry_after);
  const auto by_subject = domain::count_event(contact.subject_sends, limits.sends_per_subject, work.moment.now);
  if (!by_subject.allowed)
    return limited(guarded, "sends_per_subject", "messages to this subject", by_subject.retry_after);

  Counters counters(work.tx, work.caller.account, work.moment.now);
  const auto of_address =
      contact.line_proved ? limits.sends_per_ip : domain::strangers_part(limits.sends_per_ip, limits.strangers_share);
  std::optional<std::string> network;
  if (!asked.by.empty()) network = fmt::format("send ip {}", asked.by);
  look_at_spending(guarded, limits, contact.channel, of_address.max > 0 ? network : std::nullopt);
  if (network && !counters.count(*std::move(network), of_address)) {
    return limited(guarded, "sends_per_ip", "messages asked for from this network address", counters.retry_after());
  }
  if (auto spent = count_spending(guarded, counters, limits, contact.channel, contact.line_proved, outlay); !spent)
    return spent;
  const bool exempt = contact.line_proved && !asked.standalone;
  if (const auto wait =
          address_refusal(work, limits.sends_per_address, contact.address_id, exempt, contact.address_sends)) {
    counters.take_back();
    return limited(guarded, "sends_per_address", "messages to this address", *wait);
  }
  if (contact.sends == by_contact.next && contact.subject_sends == by_subject.next) return Done{};  // Unlimited.
  contact.sends = by_contact.next;
  contact.subject_sends = by_subject.next;
  store::save_sends(work.tx, work.caller.account, contact);
  return Done{};
}

Answer<Done> count_notice(store::Tx& tx, const Context& context, const AccountId& account, const NoticeRecipient& to,
                          WallTime now) {
  Counters counters(tx, account, now);
  const auto& limits = context.settings.account(account).limits;
  const Outlay outlay{to.service, to.channel, to.provider, to.proved};
  return count_spending({tx, context, account, to.address}, counters, limits, to.channel, to.proved, outlay);
}

Answer<Done> count_objection_code(const Work& work, const domain::Limits& limits, const AddressId& to,
                                  const NoticeRecipient& recipient) {
  const auto& [channel, address, proved, service, provider] = recipient;
  const Guarded guarded{work.tx, work.context, work.caller.account, address};
  Counters counters(work.tx, work.caller.account, work.moment.now);
  const Outlay outlay{service, channel, provider, proved};
  if (auto spent = count_spending(guarded, counters, limits, channel, proved, outlay); !spent) return spent;
  const auto wait = address_refusal(work, limits.sends_per_address, to, proved);
  if (!wait) return Done{};
  counters.take_back();
  return limited(guarded, "sends_per_address", "messages to this address", *wait);
}

Answer<Done> count_check(const Work& work, const domain::Limits& limits, Guesser guesser) {
  const Guarded guarded{work.tx, work.context, work.caller.account};
  if (guesser == Guesser::kStranger && work.caller.end_user && limits.checks_per_ip.max > 0) {
    const std::string key = check_key(work.context.vault, *work.caller.end_user);
    // It is counted in only once the code is wrong: no other guess may be judged in between.
    static_cast<void>(work.tx.take(counter_key(work.caller.account, key)));
    const auto window = store::find_counter(work.tx, work.caller.account, key);
    const auto allowance = domain::count_event(window, limits.checks_per_ip, work.moment.now);
    if (!allowance.allowed)
      return limited(guarded, "checks_per_ip", "wrong codes from this network address", allowance.retry_after);
  }
  Counters counters(work.tx, work.caller.account, work.moment.now);
  if (!counters.count("check account", limits.checks_per_account)) {
    return limited(guarded, "checks_per_account", "checks for this account", counters.retry_after());
  }
  return Done{};
}

Answer<Done> count_form(const Work& work, const TransactionId& transaction) {
  Counters counters(work.tx, work.caller.account, work.moment.now);
  if (counters.count("forms " + transaction.text(), kFormsOfATransaction)) return Done{};
  return limited({work.tx, work.context, work.caller.account}, "forms", "forms of this page", counters.retry_after());
}

void count_wrong_check(const Work& work, const store::Vault& vault, const domain::Limits& limits, Guesser guesser) {
  if (guesser == Guesser::kKnown || !work.caller.end_user || limits.checks_per_ip.max == 0) return;
  // There is room: count_check has checked that.
  static_cast<void>(store::count_in_counter(work.tx, work.caller.account, check_key(vault, *work.caller.end_user),
                                            limits.checks_per_ip, work.moment.now));
}

}  // namespace countersign::usecase
