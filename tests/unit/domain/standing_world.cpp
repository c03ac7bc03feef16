#include "standing_world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace countersign::domain::standing {

Method method_named(const std::string& source) {
  static const std::map<std::string, Method> kMethods{{"phone", Method::kSms}, {"mailbox", Method::kEmail},
                                                      {"app", Method::kTotp},  {"passkey", Method::kWebauthn},
                                                      {"push", Method::kPush}, {"codes", Method::kRecoveryCode}};
  const auto found = kMethods.find(source.substr(0, source.find('-')));
  if (found == kMethods.end()) {
    std::cerr << "no kind of source: " << source << '\n';
    std::abort();
  }
  return found->second;
}

Policy one_kind() {
  return policy_of({Method::kSms, Method::kCall, Method::kWhatsapp, Method::kEmail, Method::kTotp, Method::kWebauthn});
}

Policy two_kinds() {
  Policy policy = one_kind();
  policy.any_of.add(Method::kRecoveryCode);
  policy.min_kinds = 2;
  return policy;
}

Id StandingWorld::id(const std::string& name) const {
  Id id;
  std::copy_n(name.begin(), std::min<std::size_t>(name.size(), id.raw.size()), id.raw.begin());
  return id;
}

Offer StandingWorld::offer(const std::string& name, const std::string& replaces) {
  Offer offer{BindingId{id_of(next_binding_++)}, id(name), kind_of(method_named(name)), std::nullopt};
  if (!replaces.empty()) offer.replaces = id(replaces);
  return offer;
}

Proof StandingWorld::proof(const std::string& name) const { return {method_named(name), id(name), now}; }

const Binding& StandingWorld::binding(const std::string& name) const {
  const Binding* found = binding_of(history, id(name));
  CS_CHECK(found != nullptr);
  return *found;
}

void StandingWorld::at(WallTime time) {
  now = time;
  take(lapse(history, rules, now));
}

std::optional<Refused> StandingWorld::take(Changed changed) {
  if (!changed) return changed.error();
  history = changed->history;
  for (const BindingId& about : changed->announce) {
    const auto others = others_to_tell(history, *find(history, about), rules, now,
                                       [this](const Binding& contact) { return reaches(contact); });
    for (const Id& contact : others) history = told(std::move(history), about, contact, now);
    if (webhook) history = webhook_acknowledged(std::move(history), about, now);
  }
  return std::nullopt;
}

std::optional<Refused> StandingWorld::give(const std::string& name, const std::string& replaces) {
  return take(standing::give(history, offer(name, replaces), rules, now));
}

std::optional<Refused> StandingWorld::vouch(const std::string& name, const std::string& replaces) {
  return take(standing::vouch(history, offer(name, replaces), rules, now));
}

std::optional<Refused> StandingWorld::add(const std::string& name, const std::vector<std::string>& with,
                                          const std::string& replaces) {
  std::vector<Proof> proofs{proof(name)};
  for (const auto& source : with) proofs.push_back(proof(source));
  return take(standing::add(history, offer(name, replaces), proofs, rules, now));
}

std::optional<Refused> StandingWorld::end(const std::string& name, GoneWhy why) {
  return take(standing::end(history, id(name), why, rules, now));
}

std::optional<Refused> StandingWorld::suspect(const std::string& name) {
  return take(standing::suspect(history, id(name), rules, now));
}

std::optional<Refused> StandingWorld::object(const std::string& name, const std::string& by) {
  const Binding& about = binding(name);
  const auto who = by.empty() ? std::nullopt : std::optional(id(by));
  const bool removal = objected_to(history, about, who, rules, now) == Objected::kRemoval;
  return take(standing::object(history, removal ? about.leaving->id : about.id, who, rules, now));
}

std::optional<Refused> StandingWorld::decide(const std::string& name, bool keep, const std::string& by) {
  return take(
      standing::decide(history, binding(name).id, by.empty() ? std::nullopt : std::optional(id(by)), keep, rules, now));
}

std::optional<Refused> StandingWorld::prove(HeldOne& tx, const std::string& name, const Terms& terms) {
  const auto refused = take(standing::prove(history, id(name), tx.held_at, terms, rules, now));
  if (!refused) tx.proofs.push_back(proof(name));
  return refused;
}

Judgement StandingWorld::judgement(const HeldOne& tx, const Policy& policy) const {
  return judge(policy, judged(history, tx.proofs, tx.held_at, now, terms_of(policy)));
}

Judgement StandingWorld::approve(const std::vector<std::string>& with, const Policy& policy) {
  HeldOne tx = hold();
  for (const auto& source : with) {
    if (prove(tx, source, terms_of(policy))) tx.proofs.push_back(proof(source));  // Shown what it counts from.
  }
  return judgement(tx, policy);
}

StandingWorld known_by(const std::vector<std::string>& sources) {
  StandingWorld world;
  for (const auto& source : sources) EXPECT_FALSE(world.give(source));
  EXPECT_TRUE(world.approve({sources.front()}, one_kind()).kinds_proven == 1);
  world.pass(4 * hours(24));
  return world;
}

}  // namespace countersign::domain::standing
