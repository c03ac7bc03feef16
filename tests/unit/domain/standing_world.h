#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "domain/standing/changes.h"
#include "domain/standing/judgement.h"
#include "domain/standing/notices.h"
#include "some.h"

namespace countersign::domain::standing {

struct HeldOne {
  WallTime held_at;
  std::vector<Proof> proofs;
};

/// One subject at one service, whose notices are accepted at once by whom they can reach, and whose application
/// acknowledges the webhook at once where it listens. Sources are named by their kind: phone-1, mailbox, app-of-hers.
class StandingWorld {
 public:
  Rules rules = two_kinds();
  std::set<Kind> reach{Kind::kPhone, Kind::kEmail};
  bool webhook = true;
  History history;
  WallTime now = kNoon;

  [[nodiscard]] static Rules two_kinds() {
    Rules rules;
    rules.max_min_kinds = 2;
    return rules;
  }

  /// Lets time pass, with what it brings about.
  void at(WallTime time);
  void pass(Duration duration) { at(now + duration); }

  /// Takes over what was changed and sends the notices; the error, if it was refused.
  std::optional<Refused> take(Changed changed);

  std::optional<Refused> give(const std::string& name, const std::string& replaces = "");
  std::optional<Refused> vouch(const std::string& name, const std::string& replaces = "");
  std::optional<Refused> add(const std::string& name, const std::vector<std::string>& with,
                             const std::string& replaces = "");
  std::optional<Refused> end(const std::string& name, GoneWhy why = GoneWhy::kLost);
  std::optional<Refused> suspect(const std::string& name);
  /// By nobody: the application.
  std::optional<Refused> object(const std::string& name, const std::string& by = "");
  std::optional<Refused> decide(const std::string& name, bool keep, const std::string& by = "");

  [[nodiscard]] HeldOne hold() const { return {now, {}}; }
  std::optional<Refused> prove(HeldOne& tx, const std::string& name, const Terms& terms = {});
  [[nodiscard]] Judgement judgement(const HeldOne& tx, const Policy& policy) const;
  /// Held, proved with these as far as they count, and judged.
  [[nodiscard]] Judgement approve(const std::vector<std::string>& with, const Policy& policy);

  [[nodiscard]] Counts counted(const std::string& name, const Terms& terms = {}) const {
    return counts(history, id(name), now, now, terms);
  }
  [[nodiscard]] const Binding& binding(const std::string& name) const;
  [[nodiscard]] Id id(const std::string& name) const;
  [[nodiscard]] Offer offer(const std::string& name, const std::string& replaces = "");
  [[nodiscard]] Proof proof(const std::string& name) const;
  [[nodiscard]] bool reaches(const Binding& contact) const { return reach.contains(contact.kind); }

 private:
  std::uint8_t next_binding_ = 1;
};

/// A known person: what was given in founding, proved, and four days have gone by.
[[nodiscard]] StandingWorld known_by(const std::vector<std::string>& sources);

/// What comes before the dash: `phone`, `mailbox`, `app`, `passkey`, `push`, `codes`. Aborts for anything else.
[[nodiscard]] Method method_named(const std::string& source);

/// The methods of the usual policies of one and of two kinds.
[[nodiscard]] Policy one_kind();
[[nodiscard]] Policy two_kinds();

}  // namespace countersign::domain::standing
