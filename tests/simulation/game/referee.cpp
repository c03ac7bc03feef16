#include "simulation/game/referee.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <set>

namespace countersign::simulation::game {

namespace {

using domain::Kind;
using domain::Method;
using std::chrono::hours;

constexpr auto kFounding = hours(24);
constexpr auto kWait = hours(72);           ///< From a notice to somebody else.
constexpr auto kWaitAlone = hours(7 * 24);  ///< From the webhook.
constexpr auto kVouched = hours(3 * 24);    ///< After which what support vouched for counts.
constexpr auto kRemember = hours(30 * 24);
constexpr auto kUndecided = hours(72);   ///< An objection.
constexpr auto kSurely = hours(9 * 24);  ///< After which a source of hers counts, whoever could be told.

/// Of one proof: its method, that of what it repeats, and whether every key behind it has verified who answered, and
/// cannot be copied.
struct Given {
  Method method;
  Method as;
  bool verified = true;
  bool bound = true;
  bool bare = false;  ///< A yes without a number, somewhere in it.
};

bool may_stand_alone(const domain::Policy& policy, Method method) {
  switch (method) {
    case Method::kEmail:
      return policy.email_alone;
    case Method::kTotp:
      return policy.totp_alone;
    case Method::kRecoveryCode:
      return false;
    default:
      return true;
  }
}

bool meets(const domain::Policy& policy, const std::vector<Given>& proofs) {
  std::set<Kind> kinds;
  std::set<Kind> company;
  bool alone = false;
  for (const auto& [method, as, verified, bound, bare] : proofs) {
    if (!policy.any_of.contains(method) || !policy.any_of.contains(as)) continue;
    if ((policy.user_verification && !verified) || (policy.device_bound && !bound)) continue;
    kinds.insert(domain::kind_of(as));
    if (method != Method::kRecoveryCode && as != Method::kRecoveryCode) company.insert(domain::kind_of(as));
    alone = alone || (!bare && may_stand_alone(policy, method) && may_stand_alone(policy, as));
  }
  return static_cast<int>(kinds.size()) >= policy.min_kinds && (alone || company.size() >= 2);
}

std::string place_of(std::string_view identity, std::string_view service) {
  return kPerService ? fmt::format("{} at {}", identity, service) : std::string(identity);
}

/// A service's deletion and an objection reach what that service bound. [STD-12]
bool is_at(const Bound& bound, const Person& person) {
  return bound.identity == person.identity && (!kPerService || bound.service == person.service);
}

}  // namespace

std::string_view name_of(Who who) { return who == Who::kPerson ? "she" : "he"; }

domain::Method method_of(const Source& source) {
  if (source.thing == Thing::kApp) return Method::kTotp;
  if (source.thing == Thing::kKey) return Method::kWebauthn;
  if (is_asked(source.thing)) return Method::kPush;
  if (source.thing == Thing::kCodes) return Method::kRecoveryCode;
  return source.thing == Thing::kMailbox ? Method::kEmail : Method::kSms;
}

bool meets_as_given(const Deal& deal, const std::vector<Source>& sources, const std::set<std::size_t>& but) {
  std::vector<Given> proofs;
  for (const auto& accepted : deal.accepted) {
    const auto& source = sources[accepted.source];
    const bool key = accepted.method == Method::kWebauthn;
    if (!but.contains(accepted.source))
      proofs.push_back(
          {accepted.method, accepted.method, !key || accepted.verified, !key || !source.synced, accepted.bare});
  }
  return meets(deal.policy, proofs);
}

bool Referee::is_founding(const Bound& bound) const {
  const auto place = place_of(bound.identity, bound.service);
  if (first_proof_.contains(place)) return false;
  const auto first = first_bound_.find(place);
  return first == first_bound_.end() || bound.at <= first->second + kFounding;
}

void Referee::given(Bound bound) {
  const auto there = std::ranges::find_if(bounds_, [&](const Bound& b) {
    return b.source == bound.source && b.identity == bound.identity && !b.gone &&
           (!kPerService || b.service == bound.service);
  });
  if (there != bounds_.end()) {
    there->channels.insert(bound.channels.begin(), bound.channels.end());
    return;
  }
  added(std::move(bound));
}

void Referee::added(Bound bound) {
  // What is vouched for waits its day, in the first day too.
  bound.founding = !bound.on_page && !bound.vouched && is_founding(bound);
  const auto place = place_of(bound.identity, bound.service);
  // By the link alone something may be founded only where there never was anything.
  if (bound.on_page && bound.added_with.empty() && !first_bound_.contains(place)) bound.founding = true;
  first_bound_.try_emplace(place, bound.at);
  if (sources_[bound.source].thing == Thing::kCodes) {
    for (auto& other : bounds_) {
      const bool before = sources_[other.source].thing == Thing::kCodes && other.identity == bound.identity &&
                          other.service == bound.service && !other.gone;
      if (before && !other.ends) other.ends = bound.at;  // At some time from now on.
    }
  }
  bounds_.push_back(std::move(bound));
}

void Referee::added_on_page(const Deal& page, std::size_t factor) const {
  const auto strong = [&](const Accepted& accepted) { return !is_weak(sources_[accepted.source].thing); };
  if (!page.operation || std::ranges::any_of(page.accepted, strong)) return;
  throw Broken(1, "recovery codes or a mailbox alone added a source",
               fmt::format("{} of {} was added by what may add nothing", sources_[factor].name, page.identity));
}

void Referee::wait_anew(Bound& bound, WallTime now) {
  bound.forfeited = now;
  bound.told_at.reset();
  bound.webhook_at.reset();
}

void Referee::end(Bound& bound, WallTime now) {
  bound.gone = now;
  if (bound.ends) return;  // It was replaced, and may have ended by that long ago.
  for (auto& other : bounds_) {
    const bool by_it = std::ranges::find(other.added_with, bound.source) != other.added_with.end();
    if (other.identity == bound.identity && by_it && now - other.at <= kRemember) wait_anew(other, now);
  }
}

void Referee::gone(const Person& person, std::size_t source, WallTime now) {
  for (auto& bound : bounds_) {
    const bool everywhere = is_factor(sources_[source].thing);  // It is one factor.
    const bool here = everywhere ? bound.identity == person.identity : is_at(bound, person);
    if (bound.source != source || !here || bound.gone) continue;
    end(bound, now);
  }
}

void Referee::suspected(std::size_t source, WallTime now) {
  // Where it may have ended before by its replacement or its removal, what it added waits since then already.
  const auto is_there = [&](const Bound& by_it) {
    return std::ranges::any_of(bounds_, [&](const Bound& b) {
      return b.source == source && b.identity == by_it.identity && b.service == by_it.service && !b.gone && !b.ends;
    });
  };
  for (auto& bound : bounds_) {
    if (bound.gone) continue;
    const bool by_it = std::ranges::find(bound.added_with, source) != bound.added_with.end();
    if (bound.source == source || (by_it && now - bound.at <= kRemember && is_there(bound))) wait_anew(bound, now);
    if (by_it) bound.unsure = now;
  }
}

void Referee::swap_heard(std::size_t line, WallTime now) {
  // Whether it does depends on who had it when, so what she can rely on is not sure for a while.
  for (auto& bound : bounds_) {
    const bool by_it = std::ranges::find(bound.added_with, line) != bound.added_with.end();
    if (bound.source == line || by_it) bound.unsure = now;
  }
}

std::set<Kind> Referee::kinds_of(const Person& person, WallTime now) const {
  std::set<Kind> kinds;
  for (const auto& bound : bounds_) {
    if (bound.identity != person.identity || bound.service != person.service || (bound.gone && *bound.gone <= now))
      continue;
    const Kind kind = domain::kind_of(method_of(sources_[bound.source]));
    if (kind != Kind::kRecovery) kinds.insert(kind);
  }
  return kinds;
}

void Referee::stop(Bound& bound, WallTime now) {
  bound.before = {bound.told_at, bound.webhook_at, bound.forfeited};
  wait_anew(bound, now);
  bound.stopped_until = now + kUndecided;
}

void Referee::objected(const Person& person, std::size_t source, WallTime now) {
  for (auto& bound : bounds_) {
    if (is_at(bound, person) && bound.source == source && !bound.gone) stop(bound, now);
  }
}

bool Referee::is_own(const Bound& bound, WallTime now) {
  const auto over = [&](const std::optional<WallTime>& since, Duration wait) { return since && *since + wait <= now; };
  if (bound.stopped_until && now < *bound.stopped_until) return false;
  return !bound.by_him || (bound.founding && !bound.forfeited) || over(bound.told_at, kWait) ||
         over(bound.webhook_at, kWaitAlone);
}

void Referee::decided(const Deal& deal, WallTime now) {
  for (auto& bound : bounds_) {
    const bool about = bound.source == deal.decides && bound.identity == deal.identity && bound.service == deal.service;
    if (!about || bound.gone) continue;
    const bool may = std::ranges::any_of(deal.accepted, [&](const Accepted& accepted) {
      if (accepted.guessed) return true;
      const Bound* by = bound_at(deal, accepted.source, accepted.at);
      const bool part = accepted.source == bound.source ||
                        std::ranges::find(bound.added_with, accepted.source) != bound.added_with.end();
      const bool given = accepted.held || deal.approved;
      return by != nullptr && given && !part && !is_weak(sources_[accepted.source].thing) && is_own(*by, now);
    });
    if (!may) {
      std::string names;
      for (const auto& accepted : deal.accepted) names += " " + sources_[accepted.source].name;
      throw Broken(deal.keep ? 1 : 3, "a change was decided by what may not decide",
                   fmt::format("{} of {} was {} by{}", sources_[bound.source].name, deal.identity,
                               deal.keep ? "kept" : "dropped", names));
    }
    if (!deal.keep) {
      end(bound, now);
      continue;
    }
    bound.told_at = bound.before.told_at;
    bound.webhook_at = bound.before.webhook_at;
    bound.forfeited = bound.before.forfeited;
    bound.stopped_until.reset();
    bound.kept_at = bound.unsure = now;
  }
}

void Referee::denied(const Deal& deal, WallTime now) {
  for (auto& bound : bounds_) {
    if (bound.identity == deal.identity && bound.at >= deal.held_at) bound.unsure = now + kUndecided;
    // What was only given since, and does not count as its own, is stopped. [STD-11]
    const bool plain = bound.by_him && bound.added_with.empty() && !bound.on_page && !bound.forfeited && !bound.kept_at;
    if (plain && bound.identity == deal.identity && bound.service == deal.service && bound.at > deal.held_at &&
        !bound.gone && !is_own(bound, now))
      stop(bound, now);
  }
}

void Referee::erased(std::string_view identity, WallTime now) {
  for (auto& bound : bounds_) {
    if (bound.identity != identity) continue;
    if (!bound.gone) bound.gone = now;
    first_proof_.try_emplace(place_of(bound.identity, bound.service), now);  // There is no founding any more.
  }
}

void Referee::listed(std::string_view identity, std::string_view service, const Contacts& list, WallTime now) {
  std::set<Thing> things;
  std::map<std::size_t, std::set<contact::Channel>> kept;
  for (const auto& [source, channel] : list) {
    things.insert(sources_[source].thing);
    kept[source].insert(channel);
  }
  for (auto& bound : bounds_) {
    const Thing thing = sources_[bound.source].thing;
    if (bound.identity != identity || bound.service != service || bound.gone || is_factor(thing)) continue;
    if (const auto stays = kept.find(bound.source); stays != kept.end()) {
      bound.channels = stays->second;
      // The newest list has it: it goes on, or is bound anew where its replacement counted already.
      if (bound.ends) bound.unsure = now;
      bound.ends.reset();
    } else if (!things.contains(thing)) {
      end(bound, now);
    } else if (!bound.ends) {
      bound.ends = now;  // At some time from now on; until then it is in use.
    }
  }
}

void Referee::told(std::size_t source, WallTime now) {
  std::set<std::string_view> identities;
  for (const auto& bound : bounds_) {
    if (bound.source == source) identities.insert(bound.identity);
  }
  for (auto& bound : bounds_) {
    const bool part = bound.source == source || std::ranges::find(bound.added_with, source) != bound.added_with.end();
    const bool stopped = bound.stopped_until && now < *bound.stopped_until;
    if (identities.contains(bound.identity) && !part && !stopped && !bound.told_at) bound.told_at = now;
  }
}

void Referee::acknowledged(std::string_view identity, WallTime now) {
  for (auto& bound : bounds_) {
    const bool stopped = bound.stopped_until && now < *bound.stopped_until;
    if (bound.identity == identity && !stopped && !bound.webhook_at) bound.webhook_at = now;
  }
}

void Referee::proved(const Deal& deal, WallTime now) {
  first_proof_.try_emplace(place_of(deal.identity, deal.service), now);
}

const Bound* Referee::bound_at(const Deal& deal, std::size_t source, WallTime at) const {
  const Bound* found = nullptr;
  for (const auto& bound : bounds_) {
    const bool here = !kPerService || bound.service == deal.service;
    if (bound.source == source && bound.identity == deal.identity && here && bound.at <= at) found = &bound;
  }
  return found;
}

const Bound* Referee::living(std::string_view identity, std::size_t source, WallTime now) const {
  for (const auto& bound : std::views::reverse(bounds_)) {
    const bool there = !bound.gone || bound.ends;
    if (bound.source == source && bound.identity == identity && bound.at <= now && there) return &bound;
  }
  return nullptr;
}

std::vector<std::size_t> Referee::foreign(std::string_view identity, WallTime now) const {
  std::vector<std::size_t> sources;
  for (const auto& bound : bounds_) {
    const bool recent = now - bound.at < hours(7 * 24);
    if (bound.identity == identity && bound.by_him && !bound.gone && recent) sources.push_back(bound.source);
  }
  return sources;
}

std::optional<Referee::Worth> Referee::worth(const Bound& bound, Method method, WallTime held_at, WallTime now,
                                             int depth) const {
  // One that was replaced in time takes nothing from what it had added.
  const bool is_over = bound.gone && *bound.gone <= now && !(depth > 0 && bound.ends);
  if (depth > 4 || is_over) return std::nullopt;
  if (!bound.by_him) return Worth{Level::kHeld, method, method};
  if ((bound.stopped_until && now < *bound.stopped_until) || (bound.kept_at && *bound.kept_at > held_at))
    return std::nullopt;
  if (bound.founding && !bound.forfeited) return Worth{Level::kFounded, method, method};
  const auto over = [&](const std::optional<WallTime>& since, Duration wait) {
    return since && *since + wait <= held_at;
  };
  if (over(bound.told_at, kWait) || over(bound.webhook_at, kWaitAlone)) return Worth{Level::kAnnounced, method, method};
  if (bound.added_with.empty() || bound.forfeited) return std::nullopt;
  const auto adder = living(bound.identity, bound.added_with.front(), bound.at);
  if (adder == nullptr) return std::nullopt;
  auto as = worth(*adder, method_of(sources_[adder->source]), held_at, now, depth + 1);
  if (!as) return as;
  as->method = method;
  if (sources_[adder->source].thing == Thing::kKey) {
    as->verified = as->verified && bound.adder_verified;
    as->bound = as->bound && !sources_[adder->source].synced;
  }
  return as;
}

void Referee::released(const Deal& deal, WallTime now) {
  if (deal.person == kNone) return tally_.count("released: the adversary's own business");
  if (deal.approved) return tally_.count("released: she approved it");
  std::vector<Given> proofs;
  static constexpr std::array kLevels{
      std::pair(Level::kHeld, "released: by sources of hers that he held"),
      std::pair(Level::kAnnounced, "released: by what he announced and waited out"),
      std::pair(Level::kFounded, "released: by what he gave before anything was proved")};
  for (const auto& [level, what] : kLevels) {
    for (const auto& accepted : deal.accepted) {
      if (accepted.guessed) proofs.push_back({accepted.method, accepted.method});
      const Bound* bound = accepted.held ? bound_at(deal, accepted.source, accepted.at) : nullptr;
      const auto counts = bound ? worth(*bound, accepted.method, deal.held_at, now) : std::nullopt;
      if (!counts || counts->level != level) continue;
      const bool key = accepted.method == Method::kWebauthn;
      proofs.push_back({counts->method, counts->as, counts->verified && (!key || accepted.verified),
                        counts->bound && (!key || !sources_[accepted.source].synced), accepted.bare});
    }
    if (meets(deal.policy, proofs)) return tally_.count(what);
  }
  throw Broken(
      1, hole(deal, now),
      fmt::format("{} of {} (policy {}, {} kinds) was handed out; she did not approve it, and what he held does "
                  "not meet the policy",
                  deal.id.text(), deal.identity, deal.policy_name, deal.policy.min_kinds));
}

std::string Referee::hole(const Deal& deal, WallTime now) const {
  bool gone = false;
  bool foreign = false;
  bool repeats = false;
  std::string how;
  for (const auto& accepted : deal.accepted) {
    const Bound* bound = bound_at(deal, accepted.source, accepted.at);
    foreign = foreign || bound == nullptr || !accepted.held;
    if (bound == nullptr) continue;
    gone = gone || (bound->gone && *bound->gone <= now);
    repeats = repeats || (bound->by_him && !bound->added_with.empty());
    if (bound->by_him) how = bound->how;
  }
  const auto touched_alone = [](const Accepted& a) { return a.method == Method::kWebauthn && !a.verified; };
  if (deal.policy.user_verification && std::ranges::any_of(deal.accepted, touched_alone) && !gone && !foreign)
    return "a touch counted as a verified person";
  if (gone) return "a source counted that was gone";
  if (foreign) return "a code counted that was for something else";
  if (repeats && deal.policy.min_kinds > 1) return "one source made two kinds";
  if (repeats) return "what a source had added counted without it";
  if (how.empty()) return "too little counted";
  return fmt::format("counted at once: {}{}", how, deal.policy_name == "inline" ? ", policy in the hold" : "");
}

std::vector<const Bound*> Referee::sure_of(const Person& person, WallTime now) const {
  std::vector<const Bound*> sure;
  for (const auto& bound : bounds_) {
    if (bound.identity != person.identity || bound.service != person.service || bound.by_him || bound.gone) continue;
    if (!sources_[bound.source].hers || bound.ends) continue;
    const bool shaken = bound.forfeited || bound.unsure;
    const WallTime since = std::max({bound.at, bound.forfeited.value_or(bound.at), bound.unsure.value_or(bound.at)});
    const auto wait = bound.vouched && !shaken ? kVouched : kSurely;
    if ((bound.founding && !shaken) || since + wait <= now) sure.push_back(&bound);
  }
  return sure;
}

std::vector<std::string> Referee::notes(std::string_view identity, WallTime now) const {
  std::vector<std::string> lines;
  for (const auto& b : bounds_) {
    if (b.identity != identity || (b.gone && now - *b.gone > hours(48))) continue;
    const auto at = [](std::string_view what, const std::optional<WallTime>& time) {
      return time ? fmt::format(", {} {}", what, to_rfc3339(*time)) : std::string();
    };
    std::string adders;
    for (const auto adder : b.added_with) adders += " " + sources_[adder].name;
    lines.push_back(fmt::format("{} at {} since {}: {}{}{}{}{}{}{}", sources_[b.source].name, b.service,
                                to_rfc3339(b.at), b.how, b.founding ? ", founding" : "",
                                adders.empty() ? "" : ", added with" + adders, at("told", b.told_at),
                                at("acknowledged", b.webhook_at), at("waits anew", b.forfeited), at("gone", b.gone)));
  }
  return lines;
}

}  // namespace countersign::simulation::game
