#include "api/v1/render.h"

#include "domain/recovery.h"
#include "webauthn/aaguid.h"

namespace countersign::api::v1 {

namespace {

void write_methods(JsonWriter& json, const domain::MethodSet& methods) {
  json.open_array();
  for (const auto method : methods.list()) json.text(domain::to_text(method));
  json.close_array();
}

void write_proofs(JsonWriter& json, const std::vector<domain::Proof>& proofs) {
  json.open_array();
  for (const auto& proof : proofs) {
    json.open_object().member("method", domain::to_text(proof.method)).member("proven_at", proof.proven_at);
    const bool said =
        proof.how.counted != domain::standing::Counted::kNot;  // Proofs from before this was stored do not have it.
    json.member("counted", said ? std::optional(domain::standing::to_text(proof.how.counted)) : std::nullopt);
    json.member("since", said ? std::optional(proof.how.since) : std::nullopt);
    json.member("repeat_of", proof.how.repeat_of.transform([](auto m) { return domain::to_text(m); }));
    json.member("shared_by", unless_empty(proof.how.shared_by));
    json.member("source", proof.source_text()).key("channels").open_array();
    for (const auto channel : proof.sent_by()) json.text(contact::to_text(channel));
    json.close_array().key("passkey");
    if (proof.method == domain::Method::kWebauthn)
      json.open_object()
          .member("user_verified", proof.passkey.user_verified)
          .member("device_bound", proof.passkey.device_bound)
          .close_object();
    else
      json.null();
    json.close_object();
  }
  json.close_array();
}

void write_passkey(JsonWriter& json, const std::optional<usecase::PasskeyView>& view) {
  if (!view) return static_cast<void>(json.null());
  json.open_object().member("device_bound", view->device_bound).member("backed_up", view->backed_up);
  json.member("user_verified", view->user_verified).member("aaguid", webauthn::aaguid_text(view->aaguid));
  json.key("transports").open_array();
  for (const auto& transport : view->transports) json.text(transport);
  json.close_array().close_object();
}

void write_verification(JsonWriter& json, const usecase::VerificationView& v) {
  json.open_object().member("id", v.id).member("channel", contact::to_text(v.channel)).member("to", v.masked);
  json.member("status", domain::to_text(v.status)).member("send_error", v.send_fault);
  json.key("channels").open_array();
  for (const auto channel : v.channels) json.text(contact::to_text(channel));
  json.close_array().member("sends", v.sends).member("attempts_left", std::max(0, v.attempts_left));
  json.member("created_at", v.created_at).member("expires_at", v.expires_at);
  json.member("shows_display", v.shows_display).close_object();
}

}  // namespace

void write_counts(JsonWriter& json, const domain::standing::Counts& counts) {
  json.open_object().member("counted", domain::standing::to_text(counts.counted));
  json.member("since", counts.any() ? std::optional(counts.since) : std::nullopt);
  json.member("repeat_of", counts.repeat_of.transform([](auto m) { return domain::to_text(m); }));
  json.member("why_not", counts.any() ? std::nullopt : std::optional(domain::standing::to_text(counts.why_not)));
  json.member("counts_from", counts.counts_from).member("shared_by", unless_empty(counts.shared_by)).close_object();
}

void write_judgement(JsonWriter& json, const domain::standing::Judgement& judgement) {
  json.member("met", judgement.met());
  json.member("kinds_needed", judgement.kinds_needed).member("kinds_proven", judgement.kinds_proven);
  json.member("missing", domain::standing::to_text(judgement.missing));
  json.member("counts_from", judgement.counts_from);
}

void write_transaction(JsonWriter& json, const usecase::TransactionView& view,
                       const usecase::ServiceSettings* service) {
  const auto& state = view.row.state;
  json.open_object().member("id", state.id).member("type", view.type);
  json.member("status", domain::to_text(view.status));
  json.member("service", service == nullptr ? std::nullopt : std::optional<std::string_view>(service->name));
  json.key("subject").open_object().member("identity", view.identity).close_object();
  json.raw_member("display", canonical_json(domain::to_json(view.display)));
  json.key("requirements").open_object().key("any_of");
  write_methods(json, state.policy.any_of);
  if (!state.policy.also.empty()) {
    json.key("another_kind_of");
    write_methods(json, state.policy.also);
  }
  write_judgement(json, view.judgement);
  json.close_object();
  json.key("proofs");
  write_proofs(json, state.proofs);
  json.key("verifications").open_array();
  for (const auto& verification : view.verifications) write_verification(json, verification);
  json.close_array();
  json.member("locale", service == nullptr ? view.row.locale : service->locale_or(view.row.locale));
  json.member("return_url", unless_empty(view.return_url));
  json.raw_member("metadata", view.metadata ? std::string_view(*view.metadata) : "null");
  json.member("created_at", state.created_at).member("expires_at", state.expires_at);
  json.member("verified_at", state.verified_at).member("claimable_until", state.claimable_until);
  json.member("claimed_at", state.claimed_at).member("ended_at", state.ended_at);
  json.member("end_reason", state.end_reason.transform([](auto reason) { return domain::to_text(reason); }));
  if (state.review) json.member("review_until", state.review->until);
  mark_test(json, state.account);
  json.close_object();
}

void write_contact(JsonWriter& json, const usecase::ContactView& view) {
  json.open_object()
      .member("id", view.id)
      .member("channel", contact::to_text(view.channel))
      .member("address", view.masked);
  json.member("known_since", view.known_since).member("proved_at", view.proved_at);
  json.member("unreachable", view.unreachable.transform([](auto kind) { return domain::to_text(kind); }));
  json.key("standing");
  write_counts(json, view.counts);
  json.close_object();
}

void write_factor(JsonWriter& json, const usecase::FactorView& view) {
  json.open_object().member("id", view.id).member("type", usecase::factor_type(view.type));
  json.member("status", domain::to_text(view.status)).member("name", view.name);
  json.member("created_at", view.created_at).member("confirmed_at", view.confirmed_at).key("passkey");
  write_passkey(json, view.passkey);
  if (view.subscribed) json.member("subscribed", *view.subscribed);
  if (view.codes_left) {
    json.member("codes_left", static_cast<std::int64_t>(*view.codes_left));
    json.member("renew", domain::asks_for_new_set(*view.codes_left));
  }
  json.close_object();
}

usecase::Recorded factor_answer(const usecase::FactorView& view) {
  JsonWriter json;
  write_factor(json, view);
  return usecase::Recorded{200, json.take()};
}

void write_endpoint(JsonWriter& json, const usecase::EndpointView& view, const SecretString* secret) {
  json.open_object().member("id", view.id).member("url", view.url).key("events").open_array();
  for (std::string_view rest = view.events; !rest.empty();) {
    const std::size_t comma = rest.find(',');
    json.text(rest.substr(0, comma));
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  json.close_array()
      .member("status", view.enabled ? "enabled" : "disabled")
      .member("disabled_reason", view.disabled_reason);
  json.member("created_at", view.created_at);
  json.member("previous_secret_until", view.previous_secret_until);
  if (secret != nullptr) json.member("secret", secret->expose());
  json.close_object();
}

void write_delivery(JsonWriter& json, const usecase::DeliveryView& view) {
  const auto& row = view.row;
  json.open_object()
      .member("id", row.id)
      .member("event_type", row.event_type)
      .member("transaction", row.transaction == TransactionId{} ? std::nullopt : std::optional(row.transaction));
  json.member("status", row.status).member("created_at", row.created_at).member("finished_at", row.finished_at);
  json.member("next_attempt_at", row.status == "pending" ? std::optional(row.due_at) : std::nullopt);
  json.key("attempts").open_array();
  for (const auto& attempt : view.attempts) {
    json.open_object().member("number", attempt.number).member("attempted_at", attempt.attempted_at);
    json.member("duration_ms", std::chrono::duration_cast<std::chrono::milliseconds>(attempt.duration).count());
    json.member("http_status", attempt.http_status).member("error", attempt.error).close_object();
  }
  json.close_array().close_object();
}

std::string started_json(const TransactionId& transaction, const usecase::Started& started) {
  JsonWriter json;
  json.open_object().member("id", started.id).member("transaction", transaction);
  json.member("channel", contact::to_text(started.channel)).member("to", started.masked).member("status", "pending");
  json.member("sends", started.sends).member("attempts_left", started.attempts_left);
  json.member("expires_at", started.expires_at).member("resend_at", started.resend_at);
  json.member("shows_display", started.shows_display);
  return json.close_object().take();
}

}  // namespace countersign::api::v1
