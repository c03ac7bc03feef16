#include "usecase/risk/signals.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "base/test_account.h"
#include "contact/phone_number.h"
#include "store/repository/contacts.h"
#include "store/repository/subjects.h"
#include "usecase/audit_log.h"
#include "usecase/risk/rule_book.h"
#include "usecase/subject/standing.h"
#include "usecase/tally.h"
#include "usecase/transaction/hold.h"

namespace countersign::usecase {

namespace {

namespace standing = domain::standing;
using contact::Channel;

/// A known person's lines, and what counts of her.
struct Known {
  std::string counting_line;  ///< The newest that counts; empty: none.
  std::string newest_line;
  bool established = false;
  std::optional<WallTime> oldest;  ///< When the oldest source that counts was bound.
};

Known known_of(const Work& work, const HoldRequest& request, const ServiceId& service) {
  Known known;
  const auto subject = store::find_subject(work.tx, work.context.vault, work.caller.account, request.identity);
  if (!subject) return known;
  const auto history = load_history(work.tx, work.context, work.caller.account, *subject, service);
  const WallTime now = standing_now(history, work.moment.now);
  for (const auto& row : store::contacts_of(work.tx, work.caller.account, *subject)) {
    if (row.channel == Channel::kEmail || !known.counting_line.empty()) continue;
    const std::string address = store::open_address(work.context.vault, row).expose();
    if (known.newest_line.empty()) known.newest_line = address;
    if (counts(history, row.address_id.id, now, now).any()) known.counting_line = address;
  }
  for (const auto& binding : history.bindings) {
    if (!counts(history, binding, now, now).own()) continue;
    known.established = true;
    known.oldest = std::min(known.oldest.value_or(binding.bound_at), binding.bound_at);
  }
  return known;
}

std::string given_line(const HoldRequest& request, const ServiceSettings& service) {
  for (const auto& given : request.contacts) {
    if (given.channel == Channel::kEmail) continue;
    if (auto address = check_address(given, service, "address")) return address->address;
  }
  return {};
}

/// What somebody uses of an answer.
struct Used {
  bool sim_swap = false;
  bool line_type = false;
  bool score = false;
};

Used used_at(const Context& context, const AccountId& account, std::string_view service_name) {
  Used used;
  used.sim_swap = context.settings.sim_swap_acts > Duration::zero();
  if (context.rules == nullptr) return used;
  const auto& settings = context.settings.account(account);
  const auto* service = service_name.empty() ? &settings.services.front() : settings.service(service_name);
  constexpr risk::Points kHere{risk::Point::kHold, risk::Point::kApprove, risk::Point::kClaim};
  for (const auto& rule : *context.rules->rules_of(account, service == nullptr ? ServiceId{} : service->id)) {
    if (!rule.points.overlaps(kHere)) continue;
    used.sim_swap = used.sim_swap || rule.when.asks(risk::Feature::kSimSwapHours);
    used.line_type = used.line_type || rule.when.asks(risk::Word::kLineType);
    used.score = used.score || rule.when.asks(risk::Feature::kModelScore);
  }
  return used;
}

double days(Duration duration) { return static_cast<double>(duration.count()) / (24.0 * 3600 * 1'000'000); }

}  // namespace

std::optional<delivery::SimChange> HeardSignals::sim_change() const {
  std::optional<delivery::SimChange> newest;
  for (const auto& heard : all) {
    if (!heard.result || !heard.result->sim_change) continue;
    if (!newest || heard.result->sim_change->latest > newest->latest) newest = heard.result->sim_change;
  }
  return newest;
}

std::string_view HeardSignals::line_type() const {
  for (const auto& heard : all) {
    if (heard.result && !heard.result->line_type.empty()) return heard.result->line_type;
  }
  return {};
}

std::optional<double> HeardSignals::score() const {
  std::optional<double> highest;
  for (const auto& heard : all) {
    if (heard.result && heard.result->score) highest = std::max(highest.value_or(0), *heard.result->score);
  }
  return highest;
}

std::vector<std::string> signals_for(const Context& context, const AccountId& account, std::string_view service,
                                     std::string_view type) {
  std::vector<std::string> names;
  const auto is_of_type = [&](const SignalSettings& signal) {
    return signal.types.contains("*") || signal.types.contains(type);
  };
  if (is_test(account) || std::ranges::none_of(context.settings.signals, is_of_type)) return names;
  const Used used = used_at(context, account, service);
  for (const auto& signal : context.settings.signals) {
    const bool is_used = (signal.tells_sim_swap && used.sim_swap) || (signal.tells_line_type && used.line_type) ||
                         (signal.tells_score && used.score);
    if (is_used && is_of_type(signal)) names.push_back(signal.name);
  }
  return names;
}

delivery::SignalQuestion signal_question(const Work& work, const HoldRequest& request) {
  const auto& account = work.context.settings.account(work.caller.account);
  const ServiceSettings* service =
      request.service.empty() ? &account.services.front() : account.service(request.service);
  delivery::SignalQuestion question;
  question.id = "signal_" + to_hex(work.moment.random.bytes(16));
  if (service == nullptr) return question;
  const Used used = used_at(work.context, work.caller.account, request.service);
  question.wishes = {used.sim_swap, used.line_type};
  const Known known = known_of(work, request, service->id);
  question.phone = known.counting_line;
  if (question.phone.empty()) question.phone = given_line(request, *service);
  if (question.phone.empty()) question.phone = known.newest_line;

  question.numbers.emplace_back("established", known.established ? 1 : 0);
  if (known.oldest) question.numbers.emplace_back("established_days", days(work.moment.now - *known.oldest));
  question.words = {{"service", service->name}, {"type", request.type}};
  if (const auto& amount = request.display.amount) {
    double value = 0;
    const char* const end = amount->value.data() + amount->value.size();
    if (std::from_chars(amount->value.data(), end, value).ptr == end) question.numbers.emplace_back("amount", value);
    question.words.emplace_back("currency", amount->currency);
  }
  if (!question.phone.empty()) question.words.emplace_back("country", country_of(question.phone));
  return question;
}

bool suspect_swapped_line(const Work& work, const HeardSignals& heard) {
  const auto change = heard.sim_change();
  const Duration acts = work.context.settings.sim_swap_acts;
  if (!change || acts == Duration::zero() || change->latest < work.moment.now - acts) return false;
  // One line, whatever the channel.
  const auto address =
      store::find_known_address(work.tx, work.context.vault, work.caller.account, Channel::kSms, heard.phone);
  if (!address) return false;
  const Id source = address->id.id;
  bool suspected = false;
  for (const auto& subject : store::subjects_with_address(work.tx, work.caller.account, address->id)) {
    for (const auto& service : services_to_change(work.tx, work.context, work.caller.account, subject)) {
      auto history = load_history(work.tx, work.context, work.caller.account, subject, service);
      if (!is_news_of(history, source, change->earliest)) continue;
      const WallTime at = binding_time(work, history, std::nullopt);
      auto changed = suspect(history, source, standing_rules(work.context, work.caller.account, service), at);
      if (!changed) continue;
      settle(work, history, *std::move(changed));
      suspected = true;
    }
  }
  return suspected;
}

void add_signals(risk::Features& features, const HeardSignals& heard, WallTime now) {
  if (const auto change = heard.sim_change())
    features.set(risk::Feature::kSimSwapHours, std::max(0.0, 24 * days(now - change->latest)));
  if (const auto score = heard.score()) features.set(risk::Feature::kModelScore, *score);
  features.words.line_type = heard.line_type();
}

void add_signals(Facts& facts, const HeardSignals& heard, bool suspected, WallTime now) {
  std::string unknown;
  for (const auto& each : heard.all) {
    if (each.result) continue;
    if (!unknown.empty()) unknown += ' ';
    unknown += fmt::format("{}:{}", each.name, name_of(each.result.error()));
  }
  if (const auto change = heard.sim_change())
    facts.number("sim_swap_hours", std::chrono::duration_cast<std::chrono::hours>(now - change->latest).count());
  if (!heard.line_type().empty()) facts.text("line_type", heard.line_type());
  if (const auto score = heard.score()) facts.text("model_score", fmt::format("{:.4g}", *score));
  if (!unknown.empty()) facts.text("signals_unknown", unknown);
  if (suspected) facts.text("effects", "contact_waits_anew");
}

}  // namespace countersign::usecase
