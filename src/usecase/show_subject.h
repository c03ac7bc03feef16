#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/standing/counts.h"
#include "usecase/contacts.h"

namespace countersign::usecase {

/// One source of a subject at one service, living or gone: a telephone line, a mailbox, an app.
struct SourceView {
  domain::standing::Binding binding;
  domain::standing::Counts counts;  ///< For what is held now.
  std::vector<ContactId> contacts;  ///< Of a living line or mailbox.
  std::string masked;               ///< Of a telephone or mailbox; empty once the address is forgotten.
  std::string name;                 ///< Of a factor, as people wrote it.
};

struct ErasureView {
  WallTime asked_at;
  std::optional<WallTime> acts_at;  ///< Nothing once it was stopped or done.
  std::optional<WallTime> stopped_at;
  std::optional<WallTime> erased_at;
};

struct SubjectView {
  SubjectId id;
  std::string identity;
  const ServiceSettings* service = nullptr;
  bool founding = false;                   ///< What the application gives now counts at once. [STD-2]
  std::optional<WallTime> founding_until;  ///< Where it does, and that is known yet.
  std::optional<WallTime> first_proof_at;
  std::vector<SourceView> sources;  ///< In the order of binding.
  std::optional<ErasureView> erasure;
  domain::standing::History history;  ///< What the ids of the sources point into.
};

/// All that the subject is and was known by at that service. kNotFound for an unknown subject.
[[nodiscard]] Answer<SubjectView> show_subject(store::Tx& tx, const Context& context, const Caller& caller,
                                               const SubjectAt& subject, WallTime now);

/// One of them. kNotFound where the subject has no such binding.
[[nodiscard]] Answer<SourceView> show_source(store::Tx& tx, const Context& context, const Caller& caller,
                                             const domain::standing::History& history, const BindingId& id,
                                             WallTime now);

/// A subject's history at a service, as a call named it. kNotFound for an unknown subject.
[[nodiscard]] Answer<domain::standing::History> history_of(store::Tx& tx, const Context& context, const Caller& caller,
                                                           const SubjectAt& subject);

}  // namespace countersign::usecase
