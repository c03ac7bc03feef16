#include "usecase/subject/known_before.h"

#include <algorithm>

namespace countersign::usecase {

namespace {

using domain::standing::Binding;
using domain::standing::History;

void note_earliest(std::optional<WallTime>& slot, std::optional<WallTime> at) {
  if (at && (!slot || *at < *slot)) slot = at;
}

/// Uses the source's id as the binding's id: each source has one binding.
Binding old_binding(const Id& source, domain::Kind kind, WallTime bound_at) {
  Binding binding;
  binding.id = {source};
  binding.source = source;
  binding.kind = kind;
  binding.bound_at = bound_at;
  return binding;
}

void add_old_contact(History& history, const OldContact& contact) {
  const auto there = std::ranges::find(history.bindings, contact.address, &Binding::source);
  if (there == history.bindings.end()) {
    history.bindings.push_back(old_binding(contact.address, contact.kind, contact.known_since));
    history.bindings.back().proved_at = contact.proved_at;
  } else {
    there->bound_at = std::min(there->bound_at, contact.known_since);
    note_earliest(there->proved_at, contact.proved_at);
  }
  note_earliest(history.first_proof_at, contact.proved_at);
}

}  // namespace

History known_before(const SubjectId& subject, const ServiceId& service, const std::vector<OldContact>& contacts,
                     const std::vector<OldFactor>& factors, const domain::standing::Rules& rules) {
  History history;
  history.subject = subject;
  history.service = service;
  for (const OldContact& contact : contacts) add_old_contact(history, contact);
  for (const OldFactor& factor : factors) {
    Binding binding = old_binding(factor.id, domain::Kind::kAuthenticator, factor.confirmed_at);
    if (factor.removed_at) binding.gone = {domain::standing::GoneWhy::kRemoved, *factor.removed_at};
    history.bindings.push_back(std::move(binding));
  }
  if (history.bindings.empty()) return history;
  std::ranges::sort(history.bindings, {}, [](const Binding& b) { return std::pair(b.bound_at, b.source); });

  std::optional<WallTime> end = history.first_proof_at;
  note_earliest(end, history.bindings.front().bound_at + rules.founding);
  for (Binding& binding : history.bindings) {
    binding.founding = binding.bound_at <= *end;
    binding.waiting = {binding.bound_at,
                       rules.wait,
                       rules.wait_alone,
                       binding.bound_at + rules.no_notice,
                       binding.founding ? std::nullopt : std::optional(binding.bound_at),
                       std::nullopt};
  }
  return history;
}

}  // namespace countersign::usecase
