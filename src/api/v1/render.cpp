#include "api/v1/render.h"

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
    json.open_object().key("method").text(domain::to_text(proof.method)).key("proven_at").time(proof.proven_at);
    const bool said = proof.how.counted != domain::standing::Counted::kNot;  // Not of those from before it was kept.
    json.key("counted").word_or_null(said ? std::optional(domain::standing::to_text(proof.how.counted)) : std::nullopt);
    json.key("since").time_or_null(said ? std::optional(proof.how.since) : std::nullopt);
    json.key("repeat_of").word_or_null(proof.how.repeat_of.transform([](auto m) { return domain::to_text(m); }));
    json.close_object();
  }
  json.close_array();
}

void write_verification(JsonWriter& json, const usecase::VerificationView& v) {
  json.open_object()
      .key("id")
      .text(v.id.text())
      .key("channel")
      .text(contact::to_text(v.channel))
      .key("to")
      .text(v.masked);
  json.key("status").text(domain::to_text(v.status)).key("send_fault").text_or_null(v.send_fault);
  json.key("sends").number(v.sends).key("attempts_left").number(std::max(0, v.attempts_left));
  json.key("created_at").time(v.created_at).key("expires_at").time(v.expires_at).close_object();
}

}  // namespace

void write_counts(JsonWriter& json, const domain::standing::Counts& counts) {
  json.open_object().key("counted").text(domain::standing::to_text(counts.counted));
  json.key("since").time_or_null(counts.any() ? std::optional(counts.since) : std::nullopt);
  json.key("repeat_of").word_or_null(counts.repeat_of.transform([](auto m) { return domain::to_text(m); }));
  json.key("why_not").word_or_null(counts.any() ? std::nullopt
                                                : std::optional(domain::standing::to_text(counts.why_not)));
  json.key("counts_from").time_or_null(counts.counts_from).close_object();
}

void write_judgement(JsonWriter& json, const domain::standing::Judgement& judgement) {
  json.key("met").boolean(judgement.met());
  json.key("kinds_needed").number(judgement.kinds_needed).key("kinds_proven").number(judgement.kinds_proven);
  json.key("missing").text(domain::standing::to_text(judgement.missing));
  json.key("counts_from").time_or_null(judgement.counts_from);
}

void write_transaction(JsonWriter& json, const usecase::TransactionView& view,
                       const usecase::ServiceSettings* service) {
  const auto& state = view.row.state;
  json.open_object().key("id").text(state.id.text()).key("type").text(view.row.type);
  json.key("status").text(domain::to_text(view.status));
  json.key("service");
  if (service != nullptr)
    json.text(service->name);
  else
    json.null();
  json.key("subject").open_object().key("identity").text(view.identity).close_object();
  json.key("display").raw(canonical_json(domain::to_json(view.display)));
  json.key("requirements").open_object().key("any_of");
  write_methods(json, state.policy.any_of);
  write_judgement(json, view.judgement);
  json.close_object();
  json.key("proofs");
  write_proofs(json, state.proofs);
  json.key("verifications").open_array();
  for (const auto& verification : view.verifications) write_verification(json, verification);
  json.close_array();
  json.key("locale").text(service == nullptr ? view.row.locale : service->locale_or(view.row.locale));
  json.key("return_url");
  if (view.return_url.empty())
    json.null();
  else
    json.text(view.return_url);
  json.key("metadata");
  if (view.metadata)
    json.raw(*view.metadata);
  else
    json.null();
  json.key("created_at").time(state.created_at).key("expires_at").time(state.expires_at);
  json.key("verified_at").time_or_null(state.verified_at).key("claimable_until").time_or_null(state.claimable_until);
  json.key("claimed_at").time_or_null(state.claimed_at).key("ended_at").time_or_null(state.ended_at);
  json.key("end_reason").word_or_null(state.end_reason.transform([](auto reason) { return domain::to_text(reason); }));
  mark_test(json, state.account);
  json.close_object();
}

void write_contact(JsonWriter& json, const usecase::ContactView& view) {
  json.open_object()
      .key("id")
      .text(view.id.text())
      .key("channel")
      .text(contact::to_text(view.channel))
      .key("address")
      .text(view.masked);
  json.key("known_since").time(view.known_since).key("proved_at").time_or_null(view.proved_at).key("standing");
  write_counts(json, view.counts);
  json.close_object();
}

void write_factor(JsonWriter& json, const usecase::FactorView& view) {
  json.open_object().key("id").text(view.id.text()).key("type").text(domain::to_text(view.type));
  json.key("status").text(domain::to_text(view.status)).key("name").text(view.name);
  json.key("created_at").time(view.created_at).key("confirmed_at").time_or_null(view.confirmed_at).close_object();
}

void write_endpoint(JsonWriter& json, const usecase::EndpointView& view, const SecretString* secret) {
  json.open_object().key("id").text(view.id.text()).key("url").text(view.url).key("events").open_array();
  for (std::string_view rest = view.events; !rest.empty();) {
    const std::size_t comma = rest.find(',');
    json.text(rest.substr(0, comma));
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  json.close_array()
      .key("status")
      .text(view.enabled ? "enabled" : "disabled")
      .key("disabled_reason")
      .text_or_null(view.disabled_reason);
  json.key("created_at").time(view.created_at);
  json.key("previous_secret_until").time_or_null(view.previous_secret_until);
  if (secret != nullptr) json.key("secret").text(secret->expose());
  json.close_object();
}

void write_delivery(JsonWriter& json, const usecase::DeliveryView& view) {
  const auto& row = view.row;
  json.open_object()
      .key("id")
      .text(row.id.text())
      .key("event_type")
      .text(row.event_type)
      .key("transaction")
      .text_or_null(row.transaction == TransactionId{} ? std::nullopt : std::optional(row.transaction.text()));
  json.key("status")
      .text(row.status)
      .key("created_at")
      .time(row.created_at)
      .key("finished_at")
      .time_or_null(row.finished_at);
  json.key("next_attempt_at");
  if (row.status == "pending")
    json.time(row.due_at);
  else
    json.null();
  json.key("attempts").open_array();
  for (const auto& attempt : view.attempts) {
    json.open_object().key("number").number(attempt.number).key("attempted_at").time(attempt.attempted_at);
    json.key("duration_ms")
        .number(std::chrono::duration_cast<std::chrono::milliseconds>(attempt.duration).count())
        .key("http_status");
    if (attempt.http_status)
      json.number(*attempt.http_status);
    else
      json.null();
    json.key("error").text_or_null(attempt.error).close_object();
  }
  json.close_array().close_object();
}

std::string started_json(const TransactionId& transaction, const usecase::Started& started) {
  JsonWriter json;
  json.open_object().key("id").text(started.id.text()).key("transaction").text(transaction.text());
  json.key("channel")
      .text(contact::to_text(started.channel))
      .key("to")
      .text(started.masked)
      .key("status")
      .text("pending");
  json.key("sends").number(started.sends).key("attempts_left").number(started.attempts_left);
  json.key("expires_at").time(started.expires_at).key("resend_at").time(started.resend_at);
  return json.close_object().take();
}

}  // namespace countersign::api::v1
