#include "domain/standing/history.h"

#include <algorithm>
#include <array>
#include <ranges>

namespace countersign::domain::standing {

namespace {

constexpr std::array<std::string_view, 5> kBoundByNames{"application", "person", "vouched", "imported", "link"};
constexpr std::array<std::string_view, 4> kGoneNames{"lost", "removed", "objected", "replaced"};

template <class E, std::size_t N>
std::optional<E> parse_name(const std::array<std::string_view, N>& names, std::string_view text) {
  const auto found = std::ranges::find(names, text);
  if (found == names.end()) return std::nullopt;
  return static_cast<E>(found - names.begin());
}

}  // namespace

std::optional<std::string_view> rules_fault(const Rules& rules) {
  if (rules.wait <= Duration::zero()) return "wait must be above zero";
  if (rules.wait_alone < rules.wait) return "wait_alone must not be shorter than wait";
  if (rules.vouch_wait < std::chrono::hours(1)) return "vouch_wait must be at least an hour";
  if (rules.no_notice <= Duration::zero()) return "no_notice must be above zero";
  if (rules.operation <= Duration::zero()) return "operation must be above zero";
  if (rules.lapse <= Duration::zero()) return "lapse must be above zero";
  if (rules.founding < Duration::zero()) return "founding must not be negative";
  if (rules.remember < Duration::zero()) return "remember must not be negative";
  if (rules.max_min_kinds < 1 || rules.max_min_kinds > 3) return "max_min_kinds must be 1 to 3";
  return std::nullopt;
}

std::string_view to_text(BoundBy by) { return kBoundByNames.at(static_cast<std::size_t>(by)); }
std::optional<BoundBy> parse_bound_by(std::string_view text) { return parse_name<BoundBy>(kBoundByNames, text); }
std::string_view to_text(GoneWhy why) { return kGoneNames.at(static_cast<std::size_t>(why)); }
std::optional<GoneWhy> parse_gone_why(std::string_view text) { return parse_name<GoneWhy>(kGoneNames, text); }

bool in_founding(const History& history, const Rules& rules, WallTime now) {
  if (history.first_proof_at || history.founding_closed_at || history.known_elsewhere) return false;
  if (history.founding_until && now <= *history.founding_until) return true;
  if (history.bindings.empty()) return true;
  return now <= std::ranges::min(history.bindings, {}, &Binding::bound_at).bound_at + rules.founding;
}

const Binding* binding_of(const History& history, Id source) {
  const Binding* last = nullptr;
  for (const Binding& binding : history.bindings) {
    if (binding.source != source) continue;
    // A source is bound again only after it ended. What is shared stands last, and gives way to the service's own.
    if (last == nullptr || !binding.shared || (last->gone && !binding.gone)) last = &binding;
  }
  return last;
}

const Binding* own_living(const History& history, Id source) {
  const auto found = std::ranges::find_if(history.bindings,
                                          [&](const Binding& b) { return b.source == source && !b.gone && !b.shared; });
  return found == history.bindings.end() ? nullptr : &*found;
}

const Binding* find(const History& history, BindingId id) {
  const auto found = std::ranges::find(history.bindings, id, &Binding::id);
  return found == history.bindings.end() ? nullptr : &*found;
}

bool had_a_part(const Binding& about, Id source) {
  return source == about.source ||
         std::ranges::find(about.added_with, source, &AddedWith::source) != about.added_with.end();
}

bool was_proved(const History& history, Id source) {
  return std::ranges::any_of(history.bindings, [&](const Binding& b) { return b.source == source && b.proved_at; });
}

}  // namespace countersign::domain::standing
