#include "usecase/risk/sending.h"

#include <algorithm>
#include <utility>

#include "base/test_account.h"
#include "store/repository/counters.h"
#include "usecase/risk/rule_book.h"
#include "usecase/risk/ticket.h"
#include "usecase/risk/trust.h"
#include "usecase/tally.h"
#include "usecase/test_mode/outcomes.h"

namespace countersign::usecase {

namespace {

constexpr std::size_t kPrefixLeavesOut = 4;
constexpr std::size_t kRangeLeavesOut = 6;
constexpr Duration kCeilingPer = std::chrono::hours(24);
/// Who has proved her contact so long ago is established.
constexpr Duration kEstablishedAfter = std::chrono::hours(24);

std::string without_last(std::string_view number, std::size_t digits) {
  if (number.size() <= digits + 1) return {};
  return std::string(number.substr(0, number.size() - digits));
}

bool is_counted(const Context& context, const AccountId& account) {
  return context.risk != nullptr && !is_test(account) &&
         context.settings.account(account).pumping.mode != risk::PumpingSettings::Mode::kOff;
}

Failure<Problem> not_available() {
  return refuse(Code::kNotAvailableNow, "this cannot be done this way now; use another method, or try again later");
}

bool refuses(const risk::Decision& decision, bool worked) {
  if (decision.outcome == risk::Outcome::kAnotherKind) return !worked;
  return decision.outcome >= risk::Outcome::kReview;
}

}  // namespace

risk::Keys keys_of_number(std::string_view address) {
  risk::Keys keys;
  if (!address.starts_with('+')) return keys;
  keys.country = country_of(address);
  keys.prefix = without_last(address, kPrefixLeavesOut);
  keys.range = without_last(address, kRangeLeavesOut);
  return keys;
}

std::string new_country_counter(std::string_view country) { return "risk country " + std::string(country); }

Answer<DecidedSend> decide_send(const Work& work, const CodeToSend& code) {
  if (is_test(work.caller.account) && code.transaction && is_stopped_by_rules(code.address)) return not_available();
  DecidedSend send;
  Deciding& deciding = send.deciding_;
  deciding.point = risk::Point::kSend;
  deciding.service = code.service;
  deciding.transaction = code.transaction;
  deciding.subject = code.subject;
  deciding.leniency.proved_contact = code.proved;
  deciding.leniency.risk_check_disabled = code.risk_check_disabled;
  deciding.keys = keys_of_number(code.address);
  auto& words = deciding.features.words;
  words.channel = contact::to_text(code.channel);
  words.country = deciding.keys.country;
  words.type = code.type;
  deciding.features.set(risk::Feature::kProvedContact, code.proved ? 1 : 0);
  if (code.given_at) {
    const std::chrono::duration<double, std::ratio<3600>> age = work.moment.now - *code.given_at;
    deciding.features.set(risk::Feature::kContactAgeHours, std::max(0.0, age.count()));
  }
  add_local_hour(deciding.features, work.context.settings.account(work.caller.account).service(code.service),
                 work.moment.now);
  if (!is_counted(work.context, work.caller.account)) return send;

  RiskBook& book = *work.context.risk;
  const auto& settings = work.context.settings.account(work.caller.account).pumping;
  // Nobody is paid for a mailbox: codes to it are not counted, or whoever types those to mailboxes of his own would
  // make his address look good.
  if (work.caller.end_user && !code.asked_by.empty() && contact::uses_phone(code.channel)) {
    deciding.keys.address = code.asked_by;
    deciding.keys.network = book.network_digest(work.context.vault, *work.caller.end_user);
  }
  send.asked_ = {work.caller.account, deciding.keys};
  send.counts_ = !code.proved;
  const auto figures = book.figures(send.asked_, settings.expected_in(deciding.keys.country), work.moment.now);
  risk::describe(figures, deciding.features);
  deciding.matches = risk::pumping_matches(figures);
  std::ranges::move(book.blocked(send.asked_, work.moment.now), std::back_inserter(deciding.matches));
  if (settings.mode == risk::PumpingSettings::Mode::kShadow) {
    for (auto& match : deciding.matches) match.shadow = true;
  }
  if (work.context.rules != nullptr) {
    const auto rules = work.context.rules->rules_of(work.caller.account, code.service);
    std::ranges::move(risk::judge(*rules, risk::Point::kSend, deciding.features), std::back_inserter(deciding.matches));
  }
  deciding.leniency.safe_listed = !code.proved && code.is_safe_listed &&
                                  std::ranges::any_of(deciding.matches, &risk::Match::advisory) &&
                                  code.is_safe_listed();
  const auto refuse_it = [&] {
    book.close(send.asked_, figures, deciding.matches, work.moment);
    static_cast<void>(decide(work, deciding));
    return not_available();
  };
  if (refuses(risk::decide(risk::Point::kSend, deciding.matches, deciding.leniency), code.worked)) return refuse_it();
  const auto ceiling = risk::exact_ceiling(figures);
  if (!ceiling || code.proved || settings.mode != risk::PumpingSettings::Mode::kOn) return send;
  const domain::Rate rate{*ceiling, kCeilingPer};
  const auto counter = new_country_counter(deciding.keys.country);
  send.ceiling_ = store::count_in_counter(work.tx, work.caller.account, counter, rate, work.moment.now);
  if (send.ceiling_) return send;
  risk::Match match;
  match.rule = risk::kRuleCountryNew;
  match.outcome = risk::Outcome::kRefuse;
  match.figures = {{std::string(risk::info(risk::Feature::kCountryUnverifiedDay).name),
                    static_cast<double>(*ceiling) + 1, static_cast<double>(*ceiling)}};
  deciding.matches.push_back(std::move(match));
  return refuse_it();
}

void DecidedSend::count(const Work& work, const VerificationId& verification) {
  static_cast<void>(decide(work, std::move(deciding_)));
  if (!counts_) return;
  auto ticket = work.context.risk->count(std::move(asked_), verification, work.moment.now);
  const auto share = work.tx.share();
  if (share.parts != nullptr) share.parts->get<CountedSends>().add(share.unit, ticket);
  work.tx.when_durable([ticket] { ticket->keep(); });
}

void DecidedSend::drop(const Work& work) {
  if (ceiling_) store::take_back(work.tx, work.caller.account, new_country_counter(deciding_.keys.country));
}

void note_typed(const Context& context, const AccountId& account, const store::ContactRow& contact,
                std::string_view address, const VerificationId& verification, const std::optional<IpAddress>& end_user,
                WallTime now) {
  if (!is_counted(context, account) || !contact::uses_phone(contact.channel)) return;
  RiskBook::Asked asked{account, keys_of_number(address)};
  if (end_user) {
    asked.keys.address = context.vault.digester().blind_index("ip", end_user->limit_key());
    asked.keys.network = context.risk->network_digest(context.vault, *end_user);
  }
  if (!contact.line_proved)
    context.risk->typed_by_newcomer(std::move(asked), verification, now);
  else if (contact.proved_at && now - *contact.proved_at >= kEstablishedAfter)
    context.risk->typed_by_established(asked, contact.subject, now);
}

}  // namespace countersign::usecase
