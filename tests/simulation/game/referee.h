#pragma once

#include <exception>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "simulation/game/cast.h"
#include "simulation/tally.h"

namespace countersign::simulation::game {

/// One of the three promises was broken (docs/simulation.md). `story` names the kind of hole, always in the same words.
struct Broken final : std::exception {
  Broken(int which, std::string hole, std::string sentence)
      : invariant(which), story(std::move(hole)), text(std::move(sentence)) {}
  [[nodiscard]] const char* what() const noexcept override { return text.c_str(); }

  int invariant;
  std::string story;
  std::string text;
};

/// Knows the promises (docs/standing.md) and the actions of the game, but not the product's rules, its database or its
/// answers about standing. Where a promise is ambiguous, it decides in favour of the product.
class Referee {
 public:
  Referee(const std::vector<Source>& sources, Tally& tally) : sources_(sources), tally_(tally) {}

  // Events.
  void given(Bound bound);  ///< A line or mailbox by one channel; adds the channel to an existing one.
  void added(Bound bound);  ///< An app, a key or a list of codes was confirmed. A list replaces those before it.
  /// The same, on that page, before it: throws Broken if what answered there may add nothing.
  void added_on_page(const Deal& page, std::size_t factor) const;
  void gone(const Person& person, std::size_t source, WallTime now);
  void suspected(std::size_t source, WallTime now);
  /// A notified contact has stopped the change that added it.
  void objected(const Person& person, std::size_t source, WallTime now);
  /// Somebody with the link reported "it wasn't me": sources added since the hold may be stopped.
  /// An operation was approved that decides about a source that was stopped.
  void decided(const Deal& deal, WallTime now);
  void denied(const Deal& deal, WallTime now);
  void erased(std::string_view identity, WallTime now);
  using Contacts = std::vector<std::pair<std::size_t, contact::Channel>>;
  /// The complete list of contacts; new ones are noted already. A missing contact is replaced if there is another of
  /// its kind, otherwise removed.
  void listed(std::string_view identity, std::string_view service, const Contacts& list, WallTime now);
  void told(std::size_t source, WallTime now);                 ///< A notice arrived there.
  void acknowledged(std::string_view identity, WallTime now);  ///< A webhook about a new source of that identity.
  void proved(const Deal& deal, WallTime now);

  /// The payload was released. Throws Broken unless a promise allows it.
  void released(const Deal& deal, WallTime now);
  /// Sources that the person holds and must be able to rely on; doubtful ones are left out.
  [[nodiscard]] std::vector<const Bound*> sure_of(const Person& person, WallTime now) const;
  [[nodiscard]] const Bound* living(std::string_view identity, std::size_t source, WallTime now) const;
  /// The kinds of all that is bound for her there, recovery codes aside, whoever bound it and whether or not it counts.
  [[nodiscard]] std::set<domain::Kind> kinds_of(const Person& person, WallTime now) const;
  /// A carrier said that the line's SIM had changed: it may wait anew for everybody, with what it added.
  void swap_heard(std::size_t line, WallTime now);
  /// Living sources of an identity that the adversary bound within a week: the person sees them in notices.
  [[nodiscard]] std::vector<std::size_t> foreign(std::string_view identity, WallTime now) const;
  /// The notes about an identity, for people to read; without what ended long ago.
  [[nodiscard]] std::vector<std::string> notes(std::string_view identity, WallTime now) const;

 private:
  /// The value of a proof according to the promises.
  enum class Level : std::uint8_t { kHeld, kAnnounced, kFounded };
  struct Worth {
    Level level = Level::kHeld;
    domain::Method method = domain::Method::kSms;  ///< The method it was given by.
    domain::Method as = domain::Method::kSms;      ///< If it repeats its adder, the adder's method; otherwise the same.
    // Of the keys that it repeats.
    bool verified = true;
    bool bound = true;
  };
  [[nodiscard]] std::optional<Worth> worth(const Bound& bound, domain::Method method, WallTime held_at, WallTime now,
                                           int depth = 0) const;
  [[nodiscard]] const Bound* bound_at(const Deal& deal, std::size_t source, WallTime at) const;
  [[nodiscard]] std::string hole(const Deal& deal, WallTime now) const;
  void wait_anew(Bound& bound, WallTime now);
  void stop(Bound& bound, WallTime now);
  [[nodiscard]] static bool is_own(const Bound& bound, WallTime now);
  void end(Bound& bound, WallTime now);
  [[nodiscard]] bool is_founding(const Bound& bound) const;

  const std::vector<Source>& sources_;
  Tally& tally_;
  std::vector<Bound> bounds_;  ///< In the order of events.
  std::map<std::string, WallTime, std::less<>> first_proof_;
  std::map<std::string, WallTime, std::less<>> first_bound_;
};

[[nodiscard]] domain::Method method_of(const Source& source);

/// Whether what was accepted for it meets the policy that it was held with, each proof for what it was given as;
/// without the lines `but`.
[[nodiscard]] bool meets_as_given(const Deal& deal, const std::vector<Source>& sources,
                                  const std::set<std::size_t>& but);

}  // namespace countersign::simulation::game
