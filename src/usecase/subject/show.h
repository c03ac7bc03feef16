#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/erasure.h"
#include "domain/standing/counts.h"
#include "usecase/subject/contacts.h"

namespace countersign::usecase {

/// One source of a subject at one service, active or ended: a phone line, a mailbox, an app.
struct SourceView {
  domain::standing::Binding binding;
  domain::standing::Counts counts;             ///< For what is held now.
  std::vector<ContactId> contacts;             ///< Of an active line or mailbox.
  std::string masked;                          ///< Of a phone number or mailbox; empty once the address is erased.
  std::string name;                            ///< Of a factor, as entered by the person.
  std::optional<std::size_t> codes_left = {};  ///< Of recovery codes.
};

struct SubjectView {
  SubjectId id;
  std::string identity;
  const ServiceSettings* service = nullptr;
  bool founding = false;                   ///< Sources that the application adds now count at once. [STD-2]
  std::optional<WallTime> founding_until;  ///< If `founding`, and known yet.
  std::optional<WallTime> first_proof_at;
  std::vector<SourceView> sources;  ///< In the order of binding.
  std::optional<domain::Erasure> erasure;
  domain::standing::History history;  ///< The ids of the sources point into it.
};

/// All sources, past and present, of the subject at that service. kNotFound for an unknown subject.
[[nodiscard]] Answer<SubjectView> show_subject(const Work& work, const SubjectAt& subject);

/// One source. kNotFound if the subject has no such binding.
[[nodiscard]] Answer<SourceView> show_source(const Work& work, const domain::standing::History& history,
                                             const BindingId& id);

/// A subject's history at the service that a call names. kNotFound for an unknown subject.
[[nodiscard]] Answer<domain::standing::History> history_of(const Work& work, const SubjectAt& subject);

}  // namespace countersign::usecase
