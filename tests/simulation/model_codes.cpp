#include <algorithm>

#include "crypto/otp.h"
#include "simulation/furnish.h"
#include "simulation/model.h"
#include "simulation/trace.h"

namespace countersign::simulation {

using domain::VerificationStatus;
using std::chrono::hours;
using std::chrono::seconds;

void count_failure(FailureCount& failures, WallTime at, std::int64_t codes) {
  const std::int64_t locks_before = failures.in_a_row / kFailuresPerLock;
  failures.in_a_row += codes;
  const std::int64_t locks = failures.in_a_row / kFailuresPerLock;
  if (locks == locks_before) return;
  const auto doublings = std::min<std::int64_t>(locks - 1, 20);
  failures.locked_until = at + std::min<Duration>(seconds(30) * (std::int64_t{1} << doublings), hours(1));
}

FailureCount& Model::failures_at(const ContactModel& contact) {
  const auto own = own_failures_.find({contact.line, contact.person});
  return own == own_failures_.end() ? strangers_failures_[contact.line] : own->second;
}

void Model::proved_line(const ContactModel& contact) {
  failures_at(contact) = {};
  own_failures_.try_emplace({contact.line, contact.person});
}

bool Model::has_proved(const ContactId& id) const {
  const auto& contact = contacts.at(id);
  return own_failures_.contains({contact.line, contact.person});
}

void Model::evaluated(FailureCount& failures, WallTime at) const {
  require(!failures.locked_until || at >= *failures.locked_until, Invariant::kAttempts,
          "a code was judged while its authenticator was locked");
}

void Model::knows_contacts(std::size_t person, const std::vector<store::ContactRow>& rows) {
  const auto now = tick();
  for (const auto& row : rows) {
    contacts.try_emplace(row.id, ContactModel{row.id, person, now, row.known_since, row.address_id});
    seen(row.known_since);
  }
}

bool Model::came_first(const Instant& source, const Instant& held) const {
  if (source.as_of > held.as_of) return false;
  if (source.at <= held.at) return true;
  if (std::ranges::none_of(set_back_, [&](std::uint64_t s) { return s < held.as_of; })) return true;
  tally_.count("sources that a clock set back made younger");
  return false;
}

WallTime Model::after_holds(std::size_t person, WallTime at) const {
  for (const auto& [id, held] : transactions) {
    if (held.person == person) at = std::max(at, held.created_at + Duration(1));
  }
  return at;
}

bool Model::bound_before(const TransactionModel& held, const ContactModel& contact) const {
  // It is the line that is bound, with the first of its channels.
  return std::ranges::any_of(contacts, [&](const auto& entry) {
    const ContactModel& other = entry.second;
    return other.person == contact.person && other.line == contact.line &&
           came_first({other.known_as_of, other.known_since}, {held.held_as_of, held.created_at});
  });
}

void Model::started(const VerificationModel& made, const std::string& code, WallTime valid_until) {
  auto& held = transaction(made.transaction);
  if (made.method != domain::Method::kEmail) {
    ++paid;
    if (!has_proved(made.contact)) ++paid_by_strangers;
  }
  const auto [at, fresh] = verifications.emplace(made.id, made);
  if (fresh) {
    held.verifications.push_back(made.id);
    std::ranges::sort(held.verifications);
  }
  if (!made.upstream) at->second.codes.push_back({code, valid_until});
  event(held, fresh ? "verification.started" : "verification.resent");
}

void Model::superseded(const usecase::Superseded& older, const VerificationId& by) {
  auto& v = verifications.at(older.verification);
  const auto& newer = verifications.at(by);
  require(v.upstream && newer.upstream && v.id != newer.id, Invariant::kOnce, "{} was ended by {} for no reason",
          v.id.text(), newer.id.text());
  require(v.status == VerificationStatus::kPending, Invariant::kOnce, "{} was ended while {}", v.id.text(),
          domain::to_text(v.status));
  v.status = VerificationStatus::kCanceled;
  event(transaction(v.transaction), "verification.superseded");
  touched.insert(v.transaction);
  tally_.count("verifications ended by a newer one to the same number");
}

VerificationModel* Model::chosen(const usecase::CheckRequest& request, WallTime at) {
  const auto& ids = transaction(request.transaction).verifications;
  if (request.verification) {
    if (std::ranges::find(ids, *request.verification) == ids.end()) return nullptr;
    return &verifications.at(*request.verification);
  }
  for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
    auto& v = verifications.at(*id);
    if (v.status == VerificationStatus::kPending && at < v.expires_at) return &v;
  }
  return ids.empty() ? nullptr : &verifications.at(ids.back());
}

void Model::checked(const usecase::CheckRequest& request,
                    const Answer<std::variant<usecase::Approved, usecase::AskProvider>>& answer, WallTime at) {
  auto& held = transaction(request.transaction);
  auto* const verification = request.factor ? nullptr : chosen(request, at);
  if (answer && std::holds_alternative<usecase::AskProvider>(*answer)) {
    require(verification != nullptr && verification->upstream, Invariant::kOnce, "{}: a provider is asked for nothing",
            held.id.text());
    ++verification->attempts;
    require(verification->attempts <= kAttemptsMax, Invariant::kAttempts, "{} has spent {} attempts",
            verification->id.text(), verification->attempts);
    // It counts before anybody has judged it.
    auto& failures = failures_at(contacts.at(verification->contact));
    evaluated(failures, at);
    count_failure(failures, at);
    tally_.count("checks passed on to a provider");
    return;
  }
  const auto approved = answer ? Answer<usecase::Approved>(std::get<usecase::Approved>(*answer))
                               : Answer<usecase::Approved>(fail(answer.error()));
  if (verification != nullptr) return checked_code(*verification, held, request.code.expose(), approved, at);
  if (request.verification) return;
  const auto named = request.factor ? FactorId::parse(*request.factor) : std::nullopt;
  const auto factor = named ? factors.find(*named) : factors.end();
  const bool of_list = request.factor == "recovery_code" || (factor != factors.end() && !factor->second.codes.empty());
  if (of_list) return checked_recovery(request, held, approved, at);
  checked_totp(request, held, newest_that_counts(held), approved, at);
}

void Model::checked_code(VerificationModel& v, TransactionModel& held, const std::string& digits,
                         const Answer<usecase::Approved>& answer, WallTime at) {
  auto& contact = contacts.at(v.contact);
  const bool pending = v.status == VerificationStatus::kPending && at < v.expires_at;
  const auto good = v.codes.size() > 2 ? v.codes.end() - 2 : v.codes.begin();
  // A guess meets each code that is good, and costs as many attempts; the last attempt meets the newest alone.
  const auto lives = [&](const CodeModel& c) { return at < c.valid_until; };
  const int cost = std::min(std::max(1, static_cast<int>(std::count_if(good, v.codes.end(), lives))),
                            std::max(1, kAttemptsMax - v.attempts));
  const bool newest_alone = cost == 1 && !v.codes.empty() && lives(v.codes.back());
  const auto met = newest_alone ? v.codes.end() - 1 : good;
  const bool right =
      std::any_of(met, v.codes.end(), [&](const CodeModel& c) { return c.digits == digits && lives(c); });
  if (answer) {
    require(v.status != VerificationStatus::kApproved, Invariant::kOnce, "{}: its code was accepted twice",
            v.id.text());
    require(right && v.transaction == held.id, Invariant::kProved, "{} was approved by a code that is not its own",
            v.id.text());
    require(pending, Invariant::kProved, "{} was approved while {}", v.id.text(), domain::to_text(v.status));
    evaluated(failures_at(contact), at);
    v.attempts += cost;
    require(v.attempts <= kAttemptsMax, Invariant::kAttempts, "{} was judged {} times", v.id.text(), v.attempts);
    v.status = VerificationStatus::kApproved;
    proved_line(contact);
    require(bound_before(held, contact), Invariant::kProved, "{} was proved by what came after it", held.id.text());
    return prove(held, {v.method, contact.id.id}, *answer, at);
  }
  if (v.upstream) return;  // Its provider was not asked: nothing was judged.
  if (answer.error().code == Code::kLocked) tally_.count("checks refused: locked");
  if (answer.error().code == Code::kAttemptsExhausted) tally_.count("checks refused: no attempts left");
  if (answer.error().code != Code::kWrongCode || !pending) {
    if (answer.error().code == Code::kWrongCode) tally_.count("codes refused: over or used");
    return;
  }
  require(!right, Invariant::kRightCounts, "{} refused its own code", v.id.text());
  evaluated(failures_at(contact), at);
  v.attempts += cost;
  require(v.attempts <= kAttemptsMax, Invariant::kAttempts, "{} was judged {} times", v.id.text(), v.attempts);
  if (v.attempts == kAttemptsMax) {
    v.status = VerificationStatus::kExhausted;
    tally_.count("verifications exhausted");
  }
  count_failure(failures_at(contact), at, cost);
  event(held, "check.failed");
}

void Model::concluded(const usecase::AskProvider& asked,
                      const Result<delivery::VerifierVerdict, delivery::ProviderError>& verdict,
                      const Answer<usecase::Approved>& answer, WallTime at) {
  auto& held = transaction(asked.transaction);
  auto& v = verifications.at(asked.verification);
  auto& contact = contacts.at(v.contact);
  if (answer) {
    require(verdict && *verdict == delivery::VerifierVerdict::kApproved, Invariant::kProved,
            "{} was approved against its provider's word", v.id.text());
    require(v.status == VerificationStatus::kPending, Invariant::kOnce, "{} was approved while {}", v.id.text(),
            domain::to_text(v.status));
    v.status = VerificationStatus::kApproved;
    proved_line(contact);
    tally_.count("approved by a provider");
    require(bound_before(held, contact), Invariant::kProved, "{} was proved by what came after it", held.id.text());
    return prove(held, {v.method, contact.id.id}, *answer, at);
  }
  const Code code = answer.error().code;
  // A held transaction whose verification is open: then the verdict has been written down.
  if (held.status != domain::TransactionStatus::kHeld || at >= held.expires_at) return;
  if (v.status != VerificationStatus::kPending || code == Code::kLocked) return;
  using delivery::Fault;
  using delivery::VerifierVerdict;
  if (verdict && *verdict == VerifierVerdict::kWrongCode) {
    if (v.attempts >= kAttemptsMax) v.status = VerificationStatus::kExhausted;
    return event(held, "check.failed");
  }
  const auto no_guess = [&] {
    auto& failures = failures_at(contact);
    if (failures.in_a_row == 0) return;
    if (failures.in_a_row-- % kFailuresPerLock == 0) failures.locked_until.reset();
  };
  if (verdict || verdict.error().fault == Fault::kNotFound) {
    v.status = VerificationStatus::kExpired;
    no_guess();
  } else if (verdict.error().fault == Fault::kAttemptsExhausted) {
    v.status = VerificationStatus::kExhausted;
  } else {
    if (!verdict.error().maybe_sent) {
      --v.attempts;
      no_guess();
    }
    event(held, "check.unavailable");
  }
}

}  // namespace countersign::simulation
