#pragma once

#include <exception>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "simulation/game/cast.h"
#include "simulation/tally.h"

namespace countersign::simulation::game {

/// One of the three promises was broken (docs/simulation.md). `story` says which kind of hole it is, in the same words
/// each time.
struct Broken final : std::exception {
  Broken(int which, std::string hole, std::string sentence)
      : invariant(which), story(std::move(hole)), text(std::move(sentence)) {}
  [[nodiscard]] const char* what() const noexcept override { return text.c_str(); }

  int invariant;
  std::string story;
  std::string text;
};

/// Knows what was promised (docs/standing.md) and what was done at the table, and nothing of the product's rules, its
/// database or its answers about standing. Where the promise leaves room, it takes what favours the product.
class Referee {
 public:
  Referee(const std::vector<Source>& sources, Tally& tally) : sources_(sources), tally_(tally) {}

  // What happened.
  void given(Bound bound);  ///< A line or mailbox by one channel; one that is bound already gets the channel.
  void added(Bound bound);  ///< An app was confirmed.
  void gone(const Person& person, std::size_t source, WallTime now);
  void suspected(std::size_t source, WallTime now);
  /// Somebody who was told has stopped the change by which it came.
  void objected(const Person& person, std::size_t source, WallTime now);
  /// She, or whoever has the link, said that it wasn't her: what came since the hold may be stopped.
  void denied(const Deal& deal, WallTime now);
  void erased(std::string_view identity, WallTime now);
  using Contacts = std::vector<std::pair<std::size_t, contact::Channel>>;
  /// The whole list of contacts, new ones noted already. What it leaves out is replaced where there is another of its
  /// kind, and else removed.
  void listed(std::string_view identity, std::string_view service, const Contacts& list, WallTime now);
  void told(std::size_t source, WallTime now);                 ///< A notice arrived there.
  void acknowledged(std::string_view identity, WallTime now);  ///< A webhook about a new source of hers.
  void proved(const Deal& deal, WallTime now);

  /// The payload was handed out. Throws Broken where nothing that was promised allows it.
  void released(const Deal& deal, WallTime now);
  /// What she holds and must be able to rely on: in doubt it is not among them.
  [[nodiscard]] std::vector<const Bound*> sure_of(const Person& person, WallTime now) const;
  [[nodiscard]] const Bound* living(std::string_view identity, std::size_t source, WallTime now) const;
  /// What lives at an identity and was bound by him within a week: what she sees in notices and did not do.
  [[nodiscard]] std::vector<std::size_t> foreign(std::string_view identity, WallTime now) const;
  /// What was noted about an identity, for people to read; without what has long been gone.
  [[nodiscard]] std::vector<std::string> notes(std::string_view identity, WallTime now) const;

 private:
  /// What a proof is worth by the promise.
  enum class Level : std::uint8_t { kHeld, kAnnounced, kFounded };
  struct Worth {
    Level level = Level::kHeld;
    domain::Method method = domain::Method::kSms;  ///< By which it was given.
    domain::Method as = domain::Method::kSms;      ///< Of what added it, where it repeats that; else the same.
  };
  [[nodiscard]] std::optional<Worth> worth(const Bound& bound, domain::Method method, WallTime held_at, WallTime now,
                                           int depth = 0) const;
  [[nodiscard]] const Bound* bound_at(const Deal& deal, std::size_t source, WallTime at) const;
  [[nodiscard]] std::string hole(const Deal& deal, WallTime now) const;
  void wait_anew(Bound& bound, WallTime now);
  void end(Bound& bound, WallTime now);
  [[nodiscard]] bool is_founding(const Bound& bound) const;

  const std::vector<Source>& sources_;
  Tally& tally_;
  std::vector<Bound> bounds_;  ///< In the order of events.
  std::map<std::string, WallTime, std::less<>> first_proof_;
  std::map<std::string, WallTime, std::less<>> first_bound_;
};

[[nodiscard]] domain::Method method_of(const Source& source);

}  // namespace countersign::simulation::game
