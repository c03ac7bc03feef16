#include "api/v1/fields.h"
#include "api/v1/render.h"
#include "api/v1/routes.h"
#include "usecase/decide_here.h"
#include "usecase/enrol_here.h"
#include "usecase/erase.h"
#include "usecase/notices.h"
#include "usecase/objections.h"

namespace countersign::api::v1 {

namespace {

using domain::standing::History;
using usecase::Answer;
using usecase::Recorded;

/// The subject of the path at the service of the query.
usecase::SubjectAt named_subject(const Call& call) {
  return {call.request.params[0], std::string(call.request.query_value("service").value_or(""))};
}

/// A source of the same subject, by its last binding.
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
    json.key("method").text(domain::to_text(adder.method)).close_object();
  }
  json.close_array().key("told").open_array();
  for (const Id& contact : binding.told) write_binding_of(json, history, contact);
  json.close_array().key("told_at").time_or_null(binding.waiting.told_at);
  json.key("webhook_acknowledged_at").time_or_null(binding.waiting.webhook_at);
  json.key("vouched_at").time_or_null(binding.vouched.transform([](const auto& road) { return road.since; }));
  json.key("waits_anew_since").time_or_null(binding.waits_anew_since);
  json.key("stopped_at").time_or_null(binding.stopped.transform([](const auto& stopped) { return stopped.since; }));
  json.key("stopped_by");
  if (binding.stopped && binding.stopped->by)
    write_binding_of(json, history, *binding.stopped->by);
  else
    json.null();
  json.key("objected_to")
      .boolean(binding.objected_once || !binding.objectors.empty())
      .key("kept_at")
      .time_or_null(binding.kept_at);
  json.key("replaced_by").text_or_null(binding.replaced.transform([](const auto& r) { return r.by.text(); }));
  json.key("gone_at").time_or_null(binding.gone.transform([](const auto& gone) { return gone.at; }));
  json.key("gone_because").word_or_null(binding.gone.transform([](const auto& gone) {
    return domain::standing::to_text(gone.why);
  }));
}

void write_source(JsonWriter& json, const usecase::SourceView& view, const History& history) {
  const auto& binding = view.binding;
  json.open_object().key("id").text(binding.id.text()).key("kind").text(usecase::public_kind(binding.kind));
  const bool is_contact = domain::is_contact(binding.kind);
  json.key("address").text_or_null(view.masked.empty() ? std::nullopt : std::optional(view.masked));
  json.key("contacts").open_array();
  for (const auto& contact : view.contacts) json.text(contact.text());
  json.close_array();
  json.key("factor").text_or_null(is_contact ? std::nullopt : std::optional(FactorId{binding.source}.text()));
  json.key("name").text_or_null(is_contact ? std::nullopt : std::optional(view.name)).key("standing");
  write_counts(json, view.counts);
  json.key("bound_at").time(binding.bound_at).key("bound_by").text(domain::standing::to_text(binding.by));
  json.key("proved_at").time_or_null(binding.proved_at);
  write_changes(json, binding, history);
  json.close_object();
}

void write_erasure(JsonWriter& json, const usecase::ErasureView& view) {
  json.open_object().key("asked_at").time(view.asked_at).key("acts_at").time_or_null(view.acts_at);
  json.key("stopped_at").time_or_null(view.stopped_at).key("erased_at").time_or_null(view.erased_at).close_object();
}

Answer<std::string> show_subject(const Api& api, store::Tx& tx, const Call& call, Moment& moment) {
  return usecase::show_subject(tx, api.context, call.caller, named_subject(call), moment.now)
      .transform([](const usecase::SubjectView& view) {
        JsonWriter json;
        json.open_object().key("id").text(view.id.text()).key("identity").text(view.identity).key("service");
        if (view.service == nullptr)
          json.null();
        else
          json.text(view.service->name);
        json.key("founding").boolean(view.founding).key("founding_until").time_or_null(view.founding_until);
        json.key("first_proof_at").time_or_null(view.first_proof_at).key("sources").open_array();
        for (const auto& source : view.sources) write_source(json, source, view.history);
        json.close_array().key("erasure");
        if (view.erasure)
          write_erasure(json, *view.erasure);
        else
          json.null();
        return json.close_object().take();
      });
}

Answer<std::string> source_json(const Api& api, store::Tx& tx, const Call& call,
                                const Answer<usecase::SourceView>& view) {
  if (!view) return fail(view.error());
  const auto history = usecase::history_of(tx, api.context, call.caller, named_subject(call));
  if (!history) return fail(history.error());
  JsonWriter json;
  write_source(json, *view, *history);
  return json.take();
}

Answer<Recorded> object_to(const Api& api, store::Tx& tx, const Call& call, Moment& moment) {
  const auto id = BindingId::parse(call.request.params[1]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  const auto view = usecase::object_to_source(tx, api.context, call.caller, named_subject(call), *id, moment);
  return source_json(api, tx, call, view).transform([](std::string body) { return Recorded{200, std::move(body)}; });
}

/// The body of a decision.
Answer<bool> keep_in(const Call& call) {
  Fields fields(call.body, "", {"keep"});
  if (fields.any("keep") == nullptr) fields.refuse("keep", "is required and must be true or false");
  const bool keep = fields.boolean("keep", false);
  if (fields.problem()) return fail(*fields.problem());
  return keep;
}

Answer<Recorded> decide_about(const Api& api, store::Tx& tx, const Call& call, Moment& moment) {
  const auto id = BindingId::parse(call.request.params[1]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  const auto keep = keep_in(call);
  if (!keep) return fail(keep.error());
  const auto view = usecase::decide_about_source(tx, api.context, call.caller, named_subject(call), *id, *keep, moment);
  return source_json(api, tx, call, view).transform([](std::string body) { return Recorded{200, std::move(body)}; });
}

Answer<Recorded> ask_person_to_decide(const Api& api, store::Tx& tx, const Call& call, Moment& moment) {
  const auto id = BindingId::parse(call.request.params[1]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  const auto keep = keep_in(call);
  if (!keep) return fail(keep.error());
  return usecase::ask_person_to_decide(tx, api.context, call.caller, named_subject(call), *id, *keep, moment)
      .transform([](const usecase::AskedToDecide& asked) {
        JsonWriter json;
        json.open_object().key("id").text(asked.id.text()).key("verify_url").text(asked.verify_url);
        return Recorded{201, json.key("expires_at").time(asked.expires_at).close_object().take()};
      });
}

Answer<Recorded> ask_person_to_add(const Api& api, store::Tx& tx, const Call& call, Moment& moment) {
  Fields fields(call.body, "", {"method", "return_url", "locale"});
  if (fields.text("method") != "totp") fields.refuse("method", "must be totp");
  usecase::AdditionPage page;
  page.back = fields.optional_text("return_url").value_or("");
  page.locale = fields.optional_text("locale").value_or("");
  if (fields.problem()) return fail(*fields.problem());
  return usecase::ask_person_to_add(tx, api.context, call.caller, named_subject(call), page, moment)
      .transform([](const usecase::AskedToAdd& asked) {
        JsonWriter json;
        json.open_object().key("id").text(asked.id.text()).key("verify_url").text(asked.verify_url);
        return Recorded{201, json.key("expires_at").time(asked.expires_at).close_object().take()};
      });
}

Answer<Recorded> start_objection(const Api& api, store::Tx& tx, const Call& call, Moment& moment) {
  Fields fields(call.body, "", {"contact", "binding"});
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
  if (fields.problem()) return fail(*fields.problem());
  return usecase::start_objection(tx, api.context, call.caller, named_subject(call), request, moment)
      .transform([](const usecase::StartedObjection& started) {
        JsonWriter json;
        json.open_object().key("id").text(started.id.text());
        json.key("channel").text(contact::to_text(started.channel)).key("to").text(started.masked);
        json.key("expires_at").time(started.expires_at);
        return Recorded{201, json.close_object().take()};
      });
}

Answer<Recorded> confirm_objection(const Api& api, store::Tx& tx, const Call& call, Moment& moment) {
  const auto id = ObjectionId::parse(call.request.params[1]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  Fields fields(call.body, "", {"code"});
  const SecretString code = fields.code("code");
  if (fields.problem()) return fail(*fields.problem());
  return usecase::confirm_objection(tx, api.context, call.caller, named_subject(call), *id, code, moment)
      .transform([](Done) { return Recorded{204, ""}; });
}

Answer<Recorded> ask_for_erasure(const Api& api, store::Tx& tx, const Call& call, Moment& moment) {
  return usecase::ask_for_erasure(tx, api.context, call.caller, call.request.params[0], moment)
      .transform([](const usecase::ErasureView& view) {
        JsonWriter json;
        write_erasure(json, view);
        return Recorded{202, json.take()};
      });
}

Answer<Recorded> stop_erasure(const Api& api, store::Tx& tx, const Call& call, Moment& moment) {
  const auto history = usecase::history_of(tx, api.context, call.caller, {call.request.params[0], ""});
  if (!history) return fail(history.error());
  return usecase::stop_erasure(tx, api.context, call.caller, history->subject, "application", moment)
      .transform([](Done) { return Recorded{204, ""}; });
}

}  // namespace

void add_source_routes(http::Router& router, const Api& api) {
  using http::Method;
  // What is told or announced goes out at once.
  const std::string subject = "/v1/subjects/{identity}";
  const std::string binding = subject + "/bindings/{id}";
  router.add(Method::kGet, subject, "show_subject", reads(api, show_subject, {"service"}));
  router.add(Method::kDelete, subject, "erase_subject", writes(api, Body::kNone, ask_for_erasure, nudge));
  router.add(Method::kPost, subject + "/erasure/stop", "stop_erasure", writes(api, Body::kEmpty, stop_erasure, nudge));
  router.add(Method::kPost, binding + "/object", "object_to_source",
             writes(api, Body::kEmpty, object_to, nudge, {"service"}));
  router.add(Method::kPost, binding + "/decide", "decide_about_source",
             writes(api, Body::kRequired, decide_about, nudge, {"service"}));
  router.add(Method::kPost, binding + "/decision", "ask_person_to_decide",
             writes(api, Body::kRequired, ask_person_to_decide, nudge, {"service"}));
  router.add(Method::kPost, subject + "/additions", "ask_person_to_add",
             writes(api, Body::kRequired, ask_person_to_add, nudge, {"service"}));
  router.add(Method::kPost, subject + "/objections", "start_objection",
             writes(api, Body::kRequired, start_objection, nudge, {"service"}));
  router.add(Method::kPost, subject + "/objections/{id}/confirm", "confirm_objection",
             writes(api, Body::kRequired, confirm_objection, nudge, {"service"}));
}

}  // namespace countersign::api::v1
