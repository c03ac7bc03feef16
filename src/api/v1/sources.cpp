#include "api/v1/fields.h"
#include "api/v1/render.h"
#include "api/v1/routes.h"
#include "usecase/subject/change_events.h"
#include "usecase/subject/decide_on_page.h"
#include "usecase/subject/enrol_on_page.h"
#include "usecase/subject/erase.h"
#include "usecase/subject/methods_page.h"
#include "usecase/subject/objections.h"

namespace countersign::api::v1 {

namespace {

using domain::standing::History;
using usecase::Answer;
using usecase::Recorded;

/// The subject in the path, at the service in the query.
usecase::SubjectAt named_subject(const Call& call) {
  return {call.request.params[0], std::string(call.request.query_value("service").value_or(""))};
}

/// A source of the same subject, by its newest binding.
void write_binding_of(JsonWriter& json, const History& history, const Id& source) {
  const auto* binding = binding_of(history, source);
  if (binding == nullptr)
    json.null();
  else
    json.text(binding->id.text());
}

void write_changes(JsonWriter& json, const domain::standing::Binding& binding, const History& history) {
  json.key("added_with").open_array();
  for (const auto& adder : binding.added_with) {
    json.open_object().key("binding");
    write_binding_of(json, history, adder.source);
    json.member("method", domain::to_text(adder.method)).close_object();
  }
  json.close_array().key("notified").open_array();
  for (const Id& contact : binding.told) write_binding_of(json, history, contact);
  json.close_array().member("notified_at", binding.waiting.told_at);
  json.member("webhook_acknowledged_at", binding.waiting.webhook_at);
  json.member("vouched_at", binding.vouched.transform([](const auto& road) { return road.since; }));
  json.member("waits_anew_since", binding.waits_anew_since);
  json.member("stopped_at", binding.stopped.transform([](const auto& stopped) { return stopped.since; }));
  json.key("stopped_by");
  if (binding.stopped && binding.stopped->by)
    write_binding_of(json, history, *binding.stopped->by);
  else
    json.null();
  json.member("objected_to", binding.objected_once || !binding.objectors.empty()).member("kept_at", binding.kept_at);
  json.member("replaced_by", binding.replaced.transform([](const auto& r) { return r.by; }));
  json.member("ended_at", binding.gone.transform([](const auto& gone) { return gone.at; }));
  json.member("end_reason",
              binding.gone.transform([](const auto& gone) { return domain::standing::to_text(gone.why); }));
}

void write_source(JsonWriter& json, const usecase::SourceView& view, const History& history) {
  const auto& binding = view.binding;
  json.open_object().member("id", binding.id).member("kind", usecase::public_kind(binding.kind));
  const bool is_contact = domain::is_contact(binding.kind);
  json.member("address", unless_empty(view.masked));
  json.key("contacts").open_array();
  for (const auto& contact : view.contacts) json.text(contact.text());
  json.close_array();
  json.member("factor", is_contact ? std::nullopt : std::optional(FactorId{binding.source}));
  json.member("name", is_contact ? std::nullopt : std::optional(view.name)).key("standing");
  write_counts(json, view.counts);
  json.member("bound_at", binding.bound_at).member("bound_by", domain::standing::to_text(binding.by));
  json.member("proved_at", binding.proved_at);
  json.member("shared_by", binding.shared.transform([](const auto& shared) { return std::string_view(shared.owner); }));
  write_changes(json, binding, history);
  json.member("codes_left",
              view.codes_left.transform([](std::size_t left) { return static_cast<std::int64_t>(left); }));
  json.member("removal_asked_at", binding.leaving.transform([](const auto& leaving) { return leaving.waiting.since; }));
  json.key("removal_notified").open_array();
  if (binding.leaving) {
    for (const Id& contact : binding.leaving->told) write_binding_of(json, history, contact);
  }
  json.close_array().member("removed_from", domain::standing::leaves_at(binding));
  json.member("removal_objected_at", binding.stays_since).member("not_removed_at", binding.not_removed_at);
  json.close_object();
}

void write_erasure(JsonWriter& json, const domain::Erasure& view) {
  json.open_object().member("asked_at", view.asked_at).member("erases_at", view.acts_at);
  json.member("stopped_at", view.stopped_at).member("erased_at", view.erased_at).close_object();
}

Answer<std::string> show_subject(const usecase::Work& work, const Call& call) {
  return usecase::show_subject(work, named_subject(call)).transform([](const usecase::SubjectView& view) {
    JsonWriter json;
    json.open_object().member("id", view.id).member("identity", view.identity);
    json.member("service",
                view.service == nullptr ? std::nullopt : std::optional<std::string_view>(view.service->name));
    json.member("founding", view.founding).member("founding_until", view.founding_until);
    json.member("first_proof_at", view.first_proof_at).key("sources").open_array();
    for (const auto& source : view.sources) write_source(json, source, view.history);
    json.close_array().key("erasure");
    if (view.erasure)
      write_erasure(json, *view.erasure);
    else
      json.null();
    return json.close_object().take();
  });
}

Answer<std::string> source_json(const usecase::Work& work, const Call& call, const Answer<usecase::SourceView>& view) {
  if (!view) return fail(view.error());
  const auto history = usecase::history_of(work, named_subject(call));
  if (!history) return fail(history.error());
  JsonWriter json;
  write_source(json, *view, *history);
  return json.take();
}

/// What an objection is to; by default whichever change is open.
usecase::ObjectedTo objected_in(Fields& fields) {
  const auto text = fields.optional_text("change");
  if (!text) return std::nullopt;
  const auto change = domain::standing::parse_objected(*text);
  if (!change) fields.refuse("change", "must be addition or removal");
  return change;
}

Answer<Recorded> object_to(const usecase::Work& work, const Call& call) {
  const auto id = BindingId::parse(call.request.params[1]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  Fields fields(call.body, "", {"change"});
  const auto change = objected_in(fields);
  if (fields.problem()) return fail(*fields.problem());
  const auto view = usecase::object_to_source(work, named_subject(call), *id, change);
  return source_json(work, call, view).transform([](std::string body) { return Recorded{200, std::move(body)}; });
}

/// The body of a decision.
Answer<bool> keep_in(const Call& call) {
  Fields fields(call.body, "", {"keep"});
  if (fields.any("keep") == nullptr) fields.refuse("keep", "is required and must be true or false");
  const bool keep = fields.boolean("keep", false);
  if (fields.problem()) return fail(*fields.problem());
  return keep;
}

Answer<Recorded> decide_about(const usecase::Work& work, const Call& call) {
  const auto id = BindingId::parse(call.request.params[1]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  const auto keep = keep_in(call);
  if (!keep) return fail(keep.error());
  const auto view = usecase::decide_about_source(work, named_subject(call), *id, *keep);
  return source_json(work, call, view).transform([](std::string body) { return Recorded{200, std::move(body)}; });
}

Answer<Recorded> ask_person_to_decide(const usecase::Work& work, const Call& call) {
  const auto id = BindingId::parse(call.request.params[1]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  const auto keep = keep_in(call);
  if (!keep) return fail(keep.error());
  return usecase::ask_person_to_decide(work, named_subject(call), *id, *keep)
      .transform([](const usecase::AskedToDecide& asked) {
        JsonWriter json;
        json.open_object().member("id", asked.id).member("verify_url", asked.verify_url);
        return Recorded{201, json.member("expires_at", asked.expires_at).close_object().take()};
      });
}

Answer<Recorded> ask_person_to_add(const usecase::Work& work, const Call& call) {
  Fields fields(call.body, "", {"method", "return_url", "locale"});
  usecase::AdditionPage page;
  const auto method = domain::parse_method(fields.text("method"));
  using enum domain::Method;
  if (method == kTotp || method == kWebauthn || method == kPush || method == kRecoveryCode)
    page.method = *method;
  else
    fields.refuse("method", "must be webauthn, totp, push or recovery_code");
  page.back = fields.optional_text("return_url").value_or("");
  page.locale = fields.optional_text("locale").value_or("");
  if (fields.problem()) return fail(*fields.problem());
  return usecase::ask_person_to_add(work, named_subject(call), page).transform([](const usecase::AskedToAdd& asked) {
    JsonWriter json;
    json.open_object().member("id", asked.id).member("verify_url", asked.verify_url);
    return Recorded{201, json.member("expires_at", asked.expires_at).close_object().take()};
  });
}

Answer<Recorded> open_methods_page(const usecase::Work& work, const Call& call) {
  Fields fields(call.body, "", {"return_url", "locale"});
  usecase::MethodsPageRequest page;
  page.return_url = fields.optional_text("return_url").value_or("");
  page.locale = fields.optional_text("locale").value_or("");
  if (fields.problem()) return fail(*fields.problem());
  return usecase::open_methods_page(work, named_subject(call), page).transform([](const usecase::MethodsPage& opened) {
    JsonWriter json;
    json.open_object().member("id", opened.id).member("url", opened.url);
    return Recorded{201, json.member("expires_at", opened.expires_at).close_object().take()};
  });
}

Answer<Recorded> start_objection(const usecase::Work& work, const Call& call) {
  Fields fields(call.body, "", {"contact", "binding", "change"});
  usecase::ObjectionRequest request{};
  const auto contact = BindingId::parse(fields.text("contact"));
  if (contact)
    request.contact = *contact;
  else
    fields.refuse("contact", "must be the id of a source, YB and 32 hex digits");
  if (const auto text = fields.optional_text("binding")) {
    request.binding = BindingId::parse(*text);
    if (!request.binding) fields.refuse("binding", "must be the id of a source, YB and 32 hex digits");
  }
  request.what = objected_in(fields);
  if (request.what && !request.binding) fields.refuse("change", "needs a binding");
  if (fields.problem()) return fail(*fields.problem());
  return usecase::start_objection(work, named_subject(call), request)
      .transform([](const usecase::StartedObjection& started) {
        JsonWriter json;
        json.open_object().member("id", started.id);
        json.member("channel", contact::to_text(started.channel)).member("to", started.masked);
        json.member("expires_at", started.expires_at);
        json.member("change", started.what ? domain::standing::to_text(*started.what) : "erasure");
        return Recorded{201, json.close_object().take()};
      });
}

Answer<Recorded> confirm_objection(const usecase::Work& work, const Call& call) {
  const auto id = ObjectionId::parse(call.request.params[1]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  Fields fields(call.body, "", {"code"});
  const SecretString code = fields.code("code");
  if (fields.problem()) return fail(*fields.problem());
  return usecase::confirm_objection(work, named_subject(call), *id, code).transform([](Done) {
    return Recorded{204, ""};
  });
}

Answer<Recorded> ask_for_erasure(const usecase::Work& work, const Call& call) {
  return usecase::ask_for_erasure(work, call.request.params[0]).transform([](const domain::Erasure& view) {
    JsonWriter json;
    write_erasure(json, view);
    return Recorded{202, json.take()};
  });
}

Answer<Recorded> stop_erasure(const usecase::Work& work, const Call& call) {
  const auto history = usecase::history_of(work, {call.request.params[0], ""});
  if (!history) return fail(history.error());
  return usecase::stop_erasure(work, history->subject, "application").transform([](Done) { return Recorded{204, ""}; });
}

}  // namespace

void add_source_routes(http::Router& router, const Api& api) {
  using http::Method;
  // Notices and webhooks are sent at once.
  const std::string subject = "/v1/subjects/{identity}";
  const std::string binding = subject + "/bindings/{id}";
  router.add(Method::kGet, subject, "show_subject", reads(api, show_subject, {"service"}));
  router.add(Method::kDelete, subject, "erase_subject", writes(api, Body::kNone, ask_for_erasure, nudge));
  router.add(Method::kPost, subject + "/erasure/stop", "stop_erasure", writes(api, Body::kEmpty, stop_erasure, nudge));
  router.add(Method::kPost, binding + "/object", "object_to_source",
             writes(api, Body::kOptional, object_to, nudge, {"service"}));
  router.add(Method::kPost, binding + "/decide", "decide_about_source",
             writes(api, Body::kRequired, decide_about, nudge, {"service"}));
  router.add(Method::kPost, binding + "/decision", "ask_person_to_decide",
             writes(api, Body::kRequired, ask_person_to_decide, nudge, {"service"}));
  router.add(Method::kPost, subject + "/additions", "ask_person_to_add",
             writes(api, Body::kRequired, ask_person_to_add, nudge, {"service"}));
  router.add(Method::kPost, subject + "/methods", "open_methods_page",
             writes(api, Body::kRequired, open_methods_page, nullptr, {"service"}));
  router.add(Method::kPost, subject + "/objections", "start_objection",
             writes(api, Body::kRequired, start_objection, nudge, {"service"}));
  router.add(Method::kPost, subject + "/objections/{id}/confirm", "confirm_objection",
             writes(api, Body::kRequired, confirm_objection, nudge, {"service"}));
}

}  // namespace countersign::api::v1
