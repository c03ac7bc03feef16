#include "simulation/game/product_in.h"
#include "usecase/outbox/endpoints.h"
#include "usecase/outbox/work_deliveries.h"
#include "usecase/outbox/work_messages.h"
#include "usecase/outbox/work_notices.h"
#include "usecase/outbox/work_upstream_ends.h"
#include "usecase/subject/erase.h"
#include "usecase/subject/standing.h"
#include "usecase/verify_api/hooks.h"
#include "usecase/verify_api/service.h"

namespace countersign::simulation::game {

using contact::Channel;
using std::chrono::minutes;

void Product::deliver(usecase::QueuedMessage message) {
  Result<delivery::Accepted, delivery::ProviderError> outcome = delivery::Accepted{"SM" + message.id.text()};
  if (const auto* ours = std::get_if<delivery::OutgoingMessage>(&message.content)) {
    outgoing_.push_back(
        {ours->to, ours->channel, ours->code.expose(), ours->body, message.transaction, message.verification});
  } else {
    outcome = start_upstream(message);
  }
  const usecase::SentMessage sent{std::move(message), std::move(outcome)};
  in([&](store::Tx& tx, Moment& moment) {
    usecase::finish_messages(tx, context_, {&sent, 1}, moment);
    return Done{};
  });
}

Result<delivery::Accepted, delivery::ProviderError> Product::start_upstream(const usecase::QueuedMessage& message) {
  const auto& start = std::get<delivery::VerificationStart>(message.content);
  const delivery::ProviderError again{
      delivery::Fault::kUnavailable, delivery::PersonNotice::kTemporarilyUnavailable, "", "", std::nullopt, false};
  if (start.call_before && now() >= *start.call_before) return fail(again);
  auto& ref = pending_[start.to];
  const auto known = upstream_.find(ref);
  if (known != upstream_.end() && start.ends_pending) known->second.over = true;
  if (known == upstream_.end() || known->second.over || now() >= known->second.expires_at) {
    ref = fmt::format("VE{}", upstream_.size());
    upstream_[ref] = {fmt::format("{:06}", random_.below(1'000'000)), now() + minutes(10), message.transaction};
  }
  auto& upstream = upstream_.at(ref);
  ++upstream.sends;
  outgoing_.push_back({start.to, start.channel, upstream.code, {}, upstream.first, message.verification});
  if (upstream.sends == 1 || ref == start.again) return delivery::Accepted{ref};
  upstream.over = true;  // It was somebody else's.
  return fail(again);
}

delivery::VerifierVerdict Product::judge_upstream(const delivery::VerificationCheck& check) {
  const auto known = upstream_.find(check.provider_ref);
  if (known == upstream_.end() || known->second.over || now() >= known->second.expires_at)
    return delivery::VerifierVerdict::kOver;
  if (known->second.code != check.code.expose()) return delivery::VerifierVerdict::kWrongCode;
  known->second.over = true;
  return delivery::VerifierVerdict::kApproved;
}

void Product::end_upstream() {
  const auto ends = in([&](store::Tx& tx, Moment& moment) {
                      return usecase::lease_due_upstream_ends(tx, context_, 100, moment);
                    }).jobs;
  if (ends.empty()) return;
  for (const auto& end : ends) {
    const auto known = upstream_.find(end.provider_ref);
    if (known != upstream_.end()) known->second.over = true;
  }
  in([&](store::Tx& tx, Moment& moment) {
    for (const auto& end : ends) usecase::finish_upstream_end(tx, end, Done{}, moment);
    return Done{};
  });
}

std::vector<std::string> Product::work() {
  std::vector<std::string> bodies;
  wait(std::chrono::milliseconds(1));  // What leaves, leaves after what made it.
  in([&](store::Tx& tx, Moment& moment) {
    return usecase::lapse_due(tx, context_, 100, moment) + usecase::erase_due(tx, context_, 100, moment);
  });
  end_upstream();
  const auto notices = in([&](store::Tx& tx, Moment& moment) {
                         return usecase::lease_due_notices(tx, context_, {1000, 1000}, moment);
                       }).jobs;
  for (const auto& [row, message] : notices)
    outgoing_.push_back({message.to, message.channel, message.code.expose(), message.body, std::nullopt, std::nullopt});
  auto messages =
      in([&](store::Tx& tx, Moment& moment) { return usecase::lease_due_messages(tx, context_, 100, moment); }).jobs;
  for (auto& message : messages) deliver(std::move(message));
  const auto jobs =
      in([&](store::Tx& tx, Moment& moment) {
        return usecase::lease_due_deliveries(tx, context_, 100, moment, usecase::verify_api::hook_attempt);
      }).jobs;
  if (notices.empty() && jobs.empty()) return bodies;
  in([&](store::Tx& tx, Moment& moment) {
    for (const auto& notice : notices)
      usecase::finish_notice(tx, context_, {notice, delivery::Accepted{"SM"}, moment.now}, moment);
    for (const auto& job : jobs) {
      bodies.push_back(job.attempt.body);
      const delivery::WebhookOutcome outcome{delivery::WebhookVerdict::kDelivered, 200, std::nullopt, "", {}};
      usecase::finish_delivery(tx, context_, job.row, outcome, moment);
    }
    return Done{};
  });
  return bodies;
}

std::vector<Known> Product::sources(const usecase::SubjectAt& subject) {
  const auto view = in([&](store::Tx& tx, Moment& moment) {
    return usecase::show_subject({tx, context_, caller("api:game"), moment}, subject);
  });
  std::vector<Known> known;
  if (!view) return known;
  for (const auto& source : view->sources) {
    if (source.binding.gone) continue;
    const bool factor = !domain::is_contact(source.binding.kind);
    known.push_back(
        {source.binding.id, factor ? std::optional(FactorId{source.binding.source}) : std::nullopt, source.masked});
  }
  return known;
}

usecase::Answer<usecase::StartedObjection> Product::start_objection(const usecase::SubjectAt& subject,
                                                                    const usecase::ObjectionRequest& request) {
  return in([&](store::Tx& tx, Moment& moment) {
    return usecase::start_objection({tx, context_, caller("api:game"), moment}, subject, request);
  });
}

Answered Product::confirm_objection(const usecase::SubjectAt& subject, const ObjectionId& id, std::string_view code) {
  return answered(in([&](store::Tx& tx, Moment& moment) {
    return usecase::confirm_objection({tx, context_, caller("api:game"), moment}, subject, id,
                                      SecretString(std::string(code)));
  }));
}

Answered Product::decide(const usecase::SubjectAt& subject, const BindingId& id, bool keep) {
  return answered(in([&](store::Tx& tx, Moment& moment) {
    return usecase::decide_about_source({tx, context_, caller("api:game"), moment}, subject, id, keep);
  }));
}

Answered Product::ask_for_erasure(std::string_view identity) {
  return answered(in([&](store::Tx& tx, Moment& moment) {
    return usecase::ask_for_erasure({tx, context_, caller("api:game"), moment}, identity);
  }));
}

bool Product::is_erased(std::string_view identity) {
  const auto view = in([&](store::Tx& tx, Moment& moment) {
    return usecase::show_subject({tx, context_, caller("api:game"), moment}, {std::string(identity)});
  });
  // Once it was erased it may be asked for again, for what was given since.
  return !view || (view->erasure && view->erasure->erased_at && !view->erasure->acts_at);
}

std::vector<std::string> Product::says_of(const usecase::SubjectAt& subject) {
  return in([&](store::Tx& tx, Moment& moment) {
    std::vector<std::string> lines;
    const auto id = store::find_subject(tx, context_.vault, account_, subject.identity);
    if (!id) return lines;
    std::map<Id, std::string> names;
    for (const auto& contact : store::contacts_of(tx, account_, *id))
      names[contact.address_id.id] += " " + store::open_address(context_.vault, contact).expose() + " by " +
                                      std::string(contact::to_text(contact.channel));
    const auto history = usecase::load_history(tx, context_, account_, *id, service_id(subject.service));
    for (const auto& binding : history.bindings) {
      const auto counts = domain::standing::counts(history, binding, moment.now, moment.now);
      lines.push_back(fmt::format("{}{} since {} by {}: {}{}{}{}", FactorId{binding.source}.text(),
                                  names[binding.source], to_rfc3339(binding.bound_at),
                                  domain::standing::to_text(binding.by), domain::standing::to_text(counts.counted),
                                  counts.any() ? "" : fmt::format(", {}", domain::standing::to_text(counts.why_not)),
                                  counts.counts_from ? ", from " + to_rfc3339(*counts.counts_from) : "",
                                  binding.gone ? fmt::format(", {} {}", domain::standing::to_text(binding.gone->why),
                                                             to_rfc3339(binding.gone->at))
                                               : ""));
    }
    return lines;
  });
}

Answered Product::start_code(std::string_view service, std::string_view to, Channel channel, bool risk_check) {
  usecase::verify_api::StartCode request;
  request.service = service_id(service);
  request.to = to;
  request.channel = channel;
  request.risk_check = risk_check;
  auto started = in([&](store::Tx& tx, Moment& moment) {
    return usecase::verify_api::start_code({tx, context_, caller("api:game"), moment}, request);
  });
  if (started && started->queued) deliver(*std::move(started->queued));
  return answered(started);
}

Answered Product::check_code(std::string_view service, std::string_view to, std::string_view code) {
  const usecase::verify_api::CheckCode request{{service_id(service), {}, std::string(to)}, std::string(code), {}, {}};
  auto checked = in([&](store::Tx& tx, Moment& moment) {
    return usecase::verify_api::check_code({tx, context_, caller("api:game"), moment}, request);
  });
  if (!checked) return refused(checked.error());
  if (const auto* view = std::get_if<usecase::verify_api::CodeView>(&*checked))
    return {view->status == domain::VerificationStatus::kApproved, {}, {}, {}};
  const auto& elsewhere = std::get<usecase::verify_api::CheckElsewhere>(*checked);
  const auto verdict = judge_upstream(elsewhere.ask.check);
  const auto concluded = in([&](store::Tx& tx, Moment& moment) {
    return usecase::verify_api::conclude_code({tx, context_, caller("api:game"), moment}, elsewhere, verdict);
  });
  if (!concluded) return refused(concluded.error());
  return {concluded->status == domain::VerificationStatus::kApproved, {}, {}, {}};
}

std::optional<usecase::verify_api::CreatedFactor> Product::create_factor(std::string_view service,
                                                                         std::string_view identity) {
  usecase::verify_api::NewFactor given;
  given.friendly_name = "app";
  auto made = in([&](store::Tx& tx, Moment& moment) {
    return usecase::verify_api::create_factor({tx, context_, caller("api:game"), moment}, service_id(service),
                                              std::string(identity), given);
  });
  if (!made) return std::nullopt;
  return *std::move(made);
}

namespace {

/// Runs `then(entity)` in the entity of that name, or refuses as it does where there is none.
template <class T, class Then>
usecase::verify_api::Verdict<T> with_entity(const usecase::Work& work, const ServiceId& service,
                                            std::string_view identity, Then then) {
  const auto entity = usecase::verify_api::find_entity(work, service, identity);
  if (!entity) return fail(entity.error());
  return then(*entity);
}

}  // namespace

Answered Product::verify_factor(std::string_view service, std::string_view identity, const FactorId& id,
                                std::string_view code) {
  namespace v = usecase::verify_api;
  const ServiceId where = service_id(service);
  return answered(in([&](store::Tx& tx, Moment& moment) {
    const auto who = caller("api:game");
    const usecase::Work work{tx, context_, who, moment};
    return with_entity<v::Factor>(work, where, identity, [&](const v::Entity& entity) {
      return v::update_factor(work, where, entity, id, {{}, SecretString(std::string(code)), {}});
    });
  }));
}

Answered Product::delete_factor(std::string_view service, std::string_view identity, const FactorId& id) {
  namespace v = usecase::verify_api;
  const ServiceId where = service_id(service);
  return answered(in([&](store::Tx& tx, Moment& moment) {
    const auto who = caller("api:game");
    const usecase::Work work{tx, context_, who, moment};
    return with_entity<Done>(work, where, identity,
                             [&](const v::Entity& entity) { return v::remove_factor(work, where, entity, id); });
  }));
}

Answered Product::challenge(std::string_view service, std::string_view identity, const FactorId& id,
                            std::string_view code) {
  namespace v = usecase::verify_api;
  const ServiceId where = service_id(service);
  return answered(in([&](store::Tx& tx, Moment& moment) {
    const auto who = caller("api:game");
    const usecase::Work work{tx, context_, who, moment};
    return with_entity<v::Challenge>(work, where, identity, [&](const v::Entity& entity) {
      v::NewChallenge given;
      given.factor = id;
      given.expires_at = moment.now + minutes(5);
      given.code = SecretString(std::string(code));
      return v::create_challenge(work, where, entity, given);
    });
  }));
}

Answered Product::try_out(std::string_view identity) {
  namespace v = usecase::verify_api;
  return answered(in([&](store::Tx& tx, Moment& moment) -> v::Verdict<Done> {
    const auto who = caller("api:game");
    const v::Verdict<v::Service> service = v::create_service({tx, context_, who, moment}, {{"friendly_name", "Trial"}});
    if (!service) return fail(service.error());
    const auto entity = v::create_entity({tx, context_, who, moment}, service->settings.id, std::string(identity));
    if (!entity) return fail(entity.error());
    return v::remove_service({tx, context_, who, moment}, service->settings.id);
  }));
}

}  // namespace countersign::simulation::game
