#include "usecase/outbox/conversion.h"

#include <algorithm>
#include <utility>

#include "base/ip.h"
#include "base/test_account.h"
#include "store/repository/provider_marks.h"
#include "store/repository/transactions.h"
#include "usecase/outbox/carrier.h"
#include "usecase/tally.h"

namespace countersign::usecase {

namespace {

namespace conversion = domain::conversion;

std::pair<contact::Channel, std::string_view> where_to(const QueuedMessage& message) {
  return std::visit([](const auto& content) { return std::pair(content.channel, std::string_view(content.to)); },
                    message.content);
}

store::ConversionKey key_for(const AccountId& account, std::string_view provider, contact::Channel channel,
                             std::string_view address, int attempt, WallTime asked_at) {
  return {account,
          store::day_of(asked_at),
          std::string(provider),
          std::string(contact::to_text(channel)),
          country_by(channel, address),
          conversion::prefix_of(address),
          conversion::attempt_of(attempt)};
}

/// The weights of lists alone are learned, of those who have proved their line, from their first send.
bool may_teach(const Context& context, const QueuedMessage& message, contact::Channel channel,
               std::string_view address) {
  if (!message.teacher || message.send != 1 || context.board == nullptr) return false;
  const auto account = context.settings.accounts.find(message.account);
  const auto* service = account == context.settings.accounts.end() ? nullptr : account->second.service(message.service);
  return service != nullptr && service->is_weighted(channel, address);
}

/// Of this service alone, and no use to whoever finds them: keyed, and gone after an hour.
std::array<std::string, 3> digests_of(const Context& context, const QueuedMessage& message) {
  const auto digest = [&](std::string_view purpose, std::string_view who) {
    std::string value(message.service.bytes());
    return context.vault.digester().blind_index(purpose, value.append(who));
  };
  const Teacher& teacher = *message.teacher;
  return {digest("conversion person", teacher.person.bytes()), digest("conversion line", teacher.line.bytes()),
          digest("conversion network", teacher.network.network_text())};
}

}  // namespace

void ConversionBook::count(const store::ConversionKey& key, const store::ConversionCounts& counts) {
  const std::lock_guard lock(mutex_);
  auto found = counted_.find(key);
  if (found == counted_.end()) {
    auto under = key;
    if (counted_.size() >= kCountedMax && !under.prefix.empty()) under.prefix = conversion::kOtherPrefixes;
    found = counted_.try_emplace(std::move(under)).first;
  }
  found->second.started += counts.started;
  found->second.approved += counts.approved;
  found->second.seconds += counts.seconds;
}

bool ConversionBook::learn(Lesson lesson, WallTime now) {
  const std::lock_guard lock(mutex_);
  while (!taught_.empty() && now - taught_.front().at >= conversion::kOnceIn) {
    for (const auto& digest : taught_.front().digests) seen_.erase(digest);
    taught_.pop_front();
  }
  if (lessons_.size() >= kLessonsMax || taught_.size() >= kLessonsMax) return false;
  if (std::ranges::any_of(lesson.digests, [&](const auto& digest) { return seen_.contains(digest); })) return false;
  for (const auto& digest : lesson.digests) seen_.insert(digest);
  taught_.push_back({now, lesson.digests});
  lessons_.push_back(std::move(lesson));
  return true;
}

store::Conversions ConversionBook::take_counted() {
  const std::lock_guard lock(mutex_);
  return std::exchange(counted_, {});
}

void ConversionBook::put_back(const store::Conversions& counted) {
  for (const auto& [key, counts] : counted) count(key, counts);
}

std::vector<ConversionBook::Lesson> ConversionBook::take_settled(WallTime now, std::size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<Lesson> settled;
  while (!lessons_.empty() && settled.size() < limit && lessons_.front().settled_at <= now) {
    settled.push_back(std::move(lessons_.front()));
    lessons_.pop_front();
  }
  return settled;
}

void note_carried(const Context& context, const QueuedMessage& message, WallTime now) {
  if (is_test(message.account)) return;
  const auto [channel, to] = where_to(message);
  if (auto* const tally = tally_for(context, message.account))
    tally->on_carried(message.provider, channel, country_of(to));
  if (context.conversion == nullptr) return;
  const auto key = key_for(message.account, message.provider, channel, to, message.send, message.made_at());
  context.conversion->count(key, {1, 0, 0});
  if (!may_teach(context, message, channel, to)) return;
  context.conversion->learn({message.account,
                             message.transaction,
                             message.verification,
                             {message.service, key.channel, key.country, message.provider},
                             now,
                             std::min(now + conversion::kSettledAfter, message.expires_at),
                             digests_of(context, message)},
                            now);
}

void note_converted(const Context& context, const AccountId& account, const store::VerificationRow& v,
                    std::string_view address, WallTime now) {
  if (is_test(account)) return;
  if (auto* const tally = tally_for(context, account))
    tally->on_converted(v.provider, v.state.channel, country_of(address));
  if (context.conversion == nullptr) return;
  const Duration took = std::max(now - v.state.last_sent_at, Duration::zero());
  context.conversion->count(key_for(account, v.provider, v.state.channel, address, v.state.sends, v.state.last_sent_at),
                            {0, 1, std::chrono::duration_cast<std::chrono::seconds>(took).count()});
}

namespace {

/// How long after its acceptance the code was right, if it was; nothing at all where nobody can know any more: another
/// provider had it last, or the row is gone. With the person's own second send the first one was not enough.
std::optional<int> credit_for(store::Tx& tx, const ConversionBook::Lesson& lesson) {
  const auto held = store::find_transaction(tx, lesson.account, lesson.transaction);
  if (!held) return std::nullopt;
  const auto v = store::find_verification(tx, *held, lesson.verification);
  if (!v) return std::nullopt;
  const bool by_it = v->state.status == domain::VerificationStatus::kApproved && v->state.sends == 1 &&
                     v->provider == lesson.place.provider;
  if (!by_it) return conversion::credit_of(std::nullopt);
  const auto proof = std::ranges::find(held->state.proofs, std::optional(v->state.contact), &domain::Proof::contact);
  if (proof == held->state.proofs.end()) return std::nullopt;
  return conversion::credit_of(std::max(proof->proven_at - lesson.accepted_at, Duration::zero()));
}

}  // namespace

void learn_from(store::Tx& tx, const std::vector<ConversionBook::Lesson>& lessons, WallTime now) {
  for (const auto& lesson : lessons) {
    std::optional<int> credit;
    static_cast<void>(store::why_unreadable([&] { credit = credit_for(tx, lesson); }));
    if (!credit) continue;
    bool once = true;
    // All of them are noted, whatever the others say.
    for (const auto& digest : lesson.digests)
      once = store::note_teacher(tx, digest, now, now + conversion::kOnceIn) && once;
    if (!once) continue;
    const auto known = store::find_learned(tx, lesson.place).value_or(conversion::Learned{});
    store::save_learned(tx, lesson.place, conversion::with_sample(known, *credit, now));
  }
}

std::vector<ShareChange> step_weights(store::Tx& tx, WallTime now) {
  store::forget_teachers(tx, now);
  const auto frozen = store::frozen_providers(tx);
  const auto all = store::learned_weights(tx);
  std::vector<ShareChange> changes;
  for (auto first = all.begin(); first != all.end();) {
    const auto last = std::find_if(first, all.end(), [&](const auto& one) {
      const auto& [key, learned] = one;
      return key.service != first->first.service || key.channel != first->first.channel ||
             key.country != first->first.country;
    });
    std::vector<conversion::Rival> rivals;
    for (auto one = first; one != last; ++one) rivals.push_back({one->second, frozen.contains(one->first.provider)});
    const auto after = conversion::stepped(rivals, now);
    for (std::size_t i = 0; first != last; ++first, ++i) {
      const auto& [key, before] = *first;
      if (after[i].samples == 0 && after[i].share == conversion::kShareMax)
        store::forget_learned(tx, key);
      else if (after[i] != before)
        store::save_learned(tx, key, after[i]);
      if (after[i].share != before.share) changes.push_back({key, before.share, after[i].share});
    }
  }
  return changes;
}

}  // namespace countersign::usecase
