#include "api/v1/enrolment.h"
#include "api/v1/fields.h"
#include "api/v1/hold_body.h"
#include "api/v1/passkeys.h"
#include "api/v1/push.h"
#include "api/v1/render.h"
#include "api/v1/routes.h"
#include "html/qr_svg.h"
#include "usecase/subject/contacts.h"
#include "usecase/subject/enrol.h"
#include "usecase/subject/recovery.h"
#include "usecase/subject/unlock.h"

namespace countersign::api::v1 {

namespace {

using usecase::Answer;
using usecase::Recorded;

/// The subject in the path, at the service in the query.
usecase::SubjectAt subject_of(const Call& call) {
  return {call.request.params[0], std::string(call.request.query_value("service").value_or(""))};
}

void write_contacts(JsonWriter& json, const std::vector<usecase::ContactView>& views) {
  json.open_object().key("data").open_array();
  for (const auto& view : views) write_contact(json, view);
  json.close_array().member("next_cursor", nullptr).close_object();
}

/// For an import. [STD-2] Only whether it was verified counts, not when.
void read_import(Fields& fields, usecase::ContactTerms& terms, WallTime now) {
  const auto verified_at = fields.optional_time("verified_at");
  if (verified_at && *verified_at > now) fields.refuse("verified_at", "must not be in the future");
  terms.verified = verified_at.has_value();
  terms.founding_until = fields.optional_time("founding_until");
}

Answer<Recorded> add_contact(const usecase::Work& work, const Call& call) {
  Fields fields(call.body, "", {"channel", "address", "service", "vouch", "replaces", "verified_at", "founding_until"});
  const auto given = read_contact(fields);
  usecase::SubjectAt subject = subject_of(call);
  subject.service = fields.optional_text("service").value_or("");
  usecase::ContactTerms terms;
  terms.vouch = fields.boolean("vouch", false);
  if (const auto text = fields.optional_text("replaces")) {
    terms.replaces = ContactId::parse(*text);
    if (!terms.replaces) fields.refuse("replaces", "must be an id, CT and 32 hex digits");
  }
  read_import(fields, terms, work.moment.now);
  if (fields.problem()) return fail(*fields.problem());
  return usecase::add_contact(work, subject, given, terms).transform([](const auto& view) {
    JsonWriter json;
    write_contact(json, view);
    return Recorded{201, json.take()};
  });
}

Answer<Recorded> put_contacts(const usecase::Work& work, const Call& call) {
  Fields fields(call.body, "", {"contacts", "service", "verified_at", "founding_until"});
  usecase::SubjectAt subject = subject_of(call);
  subject.service = fields.optional_text("service").value_or("");
  const auto given = read_contacts(fields);
  if (fields.any("contacts") == nullptr) fields.refuse("contacts", "is required and must be an array");
  usecase::ContactTerms terms;
  read_import(fields, terms, work.moment.now);
  if (fields.problem()) return fail(*fields.problem());
  return usecase::put_contacts(work, subject, given, terms).transform([](const auto& views) {
    JsonWriter json;
    write_contacts(json, views);
    return Recorded{200, json.take()};
  });
}

Answer<std::string> list_contacts(const usecase::Work& work, const Call& call) {
  return usecase::list_contacts(work, subject_of(call)).transform([](const auto& views) {
    JsonWriter json;
    write_contacts(json, views);
    return json.take();
  });
}

/// `?reason=`: lost, unless it is `removed`. [STD-8]
Answer<domain::standing::GoneWhy> read_reason(const Call& call) {
  const auto text = call.request.query_value("reason").value_or("lost");
  const auto why = domain::standing::parse_gone_why(text);
  if (why == domain::standing::GoneWhy::kLost || why == domain::standing::GoneWhy::kRemoved) return *why;
  return usecase::refuse_field("reason", "must be lost or removed");
}

Answer<Recorded> remove_contact(const usecase::Work& work, const Call& call) {
  const auto id = ContactId::parse(call.request.params[1]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  const auto why = read_reason(call);
  if (!why) return fail(why.error());
  return usecase::delete_contact(work, subject_of(call), *id, *why).transform([](Done) { return Recorded{204, ""}; });
}

Answer<Recorded> unlock_contact(const usecase::Work& work, const Call& call) {
  const auto id = ContactId::parse(call.request.params[1]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  return usecase::unlock_contact(work, call.request.params[0], *id).transform([](Done) { return Recorded{204, ""}; });
}

Answer<Recorded> suspect_contact(const usecase::Work& work, const Call& call) {
  const auto id = ContactId::parse(call.request.params[1]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  return usecase::suspect_contact(work, call.request.params[0], *id).transform([](Done) { return Recorded{204, ""}; });
}

crypto::TotpParameters read_totp(Fields& outer) {
  crypto::TotpParameters totp;
  const auto* object = outer.optional_object("totp");
  if (object == nullptr) return totp;
  Fields fields(*object, "totp.", {"algorithm", "digits", "period"});
  const std::string algorithm = fields.optional_text("algorithm").value_or("SHA1");
  if (algorithm == "SHA256")
    totp.algorithm = crypto::OtpAlgorithm::kSha256;
  else if (algorithm == "SHA512")
    totp.algorithm = crypto::OtpAlgorithm::kSha512;
  else if (algorithm != "SHA1")
    fields.refuse("algorithm", "must be SHA1, SHA256 or SHA512");
  totp.digits = static_cast<int>(std::clamp<std::int64_t>(fields.optional_integer("digits").value_or(6), 0, 100));
  totp.period_seconds = fields.optional_integer("period").value_or(30);
  outer.absorb(fields);
  return totp;
}

Answer<usecase::EnrolRequest> read_enrolment(const Api& api, const Call& call) {
  Fields fields(call.body, "", {"type", "name", "label", "totp", "service"});
  static_cast<void>(fields.text("type"));
  usecase::EnrolRequest request;
  request.account_label = fields.optional_text("label").value_or("");
  request.totp = read_totp(fields);
  return complete_enrolment(api, call, fields, std::move(request));
}

/// The stored answer: without the key or the codes, which are in the factor.
Recorded enrolled(domain::Method type, const FactorId& id, std::string_view name, WallTime confirm_by) {
  JsonWriter json;
  json.open_object().member("id", id).member("type", usecase::factor_type(type)).member("status", "unconfirmed");
  json.member("name", name).member("confirm_by", confirm_by);
  return {201, json.close_object().take()};
}

/// The factor of a stored answer, and a copy of that to add to.
struct KeptAnswer {
  FactorId id;
  JsonWriter json;
};
std::optional<KeptAnswer> kept_answer(std::string_view body) {
  const auto kept = parse_json(body);
  const auto id = FactorId::parse(kept ? json_text(kept->as_object(), "id").value_or("") : "");
  if (!id) return std::nullopt;
  KeptAnswer answer{*id, {}};
  answer.json.open_object();
  for (const auto& [name, value] : kept->as_object()) answer.json.raw_member(name, canonical_json(value));
  return answer;
}

/// The stored answer plus the key, while the factor is unconfirmed.
std::string with_key(const usecase::Work& work, const usecase::EnrolRequest& request, std::string body) {
  auto kept = kept_answer(body);
  const auto waiting = kept ? usecase::waiting_enrolment(work, request, kept->id) : std::nullopt;
  if (!waiting) return body;
  kept->json.member("secret", waiting->secret_base32.expose()).member("otpauth_uri", waiting->otpauth_uri.expose());
  kept->json.member("qr_svg", html::qr_svg(waiting->otpauth_uri.expose(), "QR code for an authenticator app"));
  return kept->json.close_object().take();
}

/// The stored answer plus the codes, while the set is unconfirmed.
std::string with_codes(const usecase::Work& work, std::string_view identity, std::string body) {
  auto kept = kept_answer(body);
  const auto waiting = kept ? usecase::waiting_codes(work, identity, kept->id) : std::nullopt;
  if (!waiting) return body;
  kept->json.key("codes").open_array();
  for (const SecretString& code : waiting->codes) kept->json.text(code.expose());
  return kept->json.close_array().close_object().take();
}

void enrol_app(const Api& api, Call call, http::Reply reply) {
  auto request = accept(call, read_enrolment(api, call), reply);
  if (!request) return;
  const auto shared = std::make_shared<const usecase::EnrolRequest>(*std::move(request));
  run_write(
      api, std::move(call), std::move(reply),
      [shared](const usecase::Work& work, const Call&) {
        return usecase::enrol_totp(work, *shared).transform([&](const usecase::Enrolment& enrolment) {
          return enrolled(domain::Method::kTotp, enrolment.id, shared->name, enrolment.confirm_by);
        });
      },
      nullptr,
      [shared](const usecase::Work& work, std::string body) { return with_key(work, *shared, std::move(body)); });
}

Answer<usecase::CodesRequest> read_codes_request(const Api& api, const Call& call) {
  Fields fields(call.body, "", {"type", "name", "service"});
  static_cast<void>(fields.text("type"));
  return complete_enrolment(api, call, fields, usecase::CodesRequest());
}

void make_codes(const Api& api, Call call, http::Reply reply) {
  auto request = accept(call, read_codes_request(api, call), reply);
  if (!request) return;
  const auto shared = std::make_shared<const usecase::CodesRequest>(*std::move(request));
  run_write(
      api, std::move(call), std::move(reply),
      [shared](const usecase::Work& work, const Call&) {
        return usecase::make_recovery_codes(work, *shared).transform([&](const usecase::NewCodes& made) {
          return enrolled(domain::Method::kRecoveryCode, made.id, shared->name, made.confirm_by);
        });
      },
      nullptr,
      [shared](const usecase::Work& work, std::string body) {
        return with_codes(work, shared->identity, std::move(body));
      });
}

/// By the type of factor, which decides what else the body may hold.
void enrol(const Api& api, Call call, http::Reply reply) {
  const std::string type(json_text(call.body, "type").value_or(""));
  if (type == "recovery_codes") return make_codes(api, std::move(call), std::move(reply));
  if (type == "webauthn") return enrol_passkey(api, std::move(call), std::move(reply));
  if (type == "push") return enrol_push(api, std::move(call), std::move(reply));
  if (type == "totp") return enrol_app(api, std::move(call), std::move(reply));
  Fields fields(call.body, "", {"type", "name", "label", "totp", "service"});
  fields.refuse("type", "must be totp, webauthn, push or recovery_codes");
  static_cast<void>(accept(call, Answer<Done>(fail(*fields.problem())), reply));
}

Answer<Recorded> confirm_code(const usecase::Work& work, const Call& call) {
  const auto id = FactorId::parse(call.request.params[1]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  Fields fields(call.body, "", {"code", "vouch", "end_user_ip"});
  std::optional<SecretString> code;  // An app's; recovery codes are confirmed without one.
  if (fields.any("code") != nullptr) code = fields.code("code");
  usecase::ConfirmTerms terms;
  if (fields.boolean("vouch", false)) terms.as = usecase::BindFactor::kVouched;
  usecase::Caller caller = work.caller;
  caller.end_user = read_end_user(fields);
  if (fields.problem()) return fail(*fields.problem());
  return usecase::confirm_factor({work.tx, work.context, caller, work.moment}, call.request.params[0], *id, code, terms)
      .transform(factor_answer);
}

void confirm(const Api& api, Call call, http::Reply reply) {
  if (call.body.contains("response")) return confirm_passkey(api, std::move(call), std::move(reply));
  if (call.body.contains("subscription")) return confirm_push(api, std::move(call), std::move(reply));
  run_write(api, std::move(call), std::move(reply), confirm_code, nudge);
}

Answer<std::string> list_factors(const usecase::Work& work, const Call& call) {
  const auto views = usecase::list_factors(work, call.request.params[0]);
  return page_json(
      views, -1, [](JsonWriter& json, const auto& view) { write_factor(json, view); },
      [](const auto& view) { return view.id.text(); });
}

Answer<Recorded> remove_factor(const usecase::Work& work, const Call& call) {
  const auto id = FactorId::parse(call.request.params[1]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  const auto why = read_reason(call);
  if (!why) return fail(why.error());
  return usecase::remove_factor(work, call.request.params[0], *id, *why).transform([](Done) {
    return Recorded{204, ""};
  });
}

Answer<Recorded> vouch_for_factor(const usecase::Work& work, const Call& call) {
  const auto id = FactorId::parse(call.request.params[1]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  return usecase::vouch_for_factor(work, call.request.params[0], *id).transform(factor_answer);
}

Answer<Recorded> suspect_factor(const usecase::Work& work, const Call& call) {
  const auto id = FactorId::parse(call.request.params[1]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  return usecase::suspect_factor(work, call.request.params[0], *id).transform([](Done) { return Recorded{204, ""}; });
}

}  // namespace

void add_subject_routes(http::Router& router, const Api& api) {
  using http::Method;
  // Losses cancel transactions, which sends webhooks.
  const std::string contacts = "/v1/subjects/{identity}/contacts";
  const std::string factors = "/v1/subjects/{identity}/factors";
  router.add(Method::kGet, contacts, "list_contacts", reads(api, list_contacts, {"service"}));
  router.add(Method::kPost, contacts, "add_contact", writes(api, Body::kRequired, add_contact, nudge));
  router.add(Method::kPut, contacts, "put_contacts", writes(api, Body::kRequired, put_contacts, nudge));
  router.add(Method::kDelete, contacts + "/{id}", "remove_contact",
             writes(api, Body::kNone, remove_contact, nudge, {"service", "reason"}));
  router.add(Method::kPost, contacts + "/{id}/unlock", "unlock_contact", writes(api, Body::kNone, unlock_contact));
  router.add(Method::kPost, contacts + "/{id}/suspect", "suspect_contact",
             writes(api, Body::kEmpty, suspect_contact, nudge));
  router.add(Method::kGet, factors, "list_factors", reads(api, list_factors));
  router.add(Method::kPost, factors, "enrol_factor",
             authenticated(api, Body::kRequired,
                           [&api](Call call, http::Reply reply) { enrol(api, std::move(call), std::move(reply)); }));
  router.add(Method::kPost, factors + "/{id}/confirm", "confirm_factor",
             authenticated(api, Body::kRequired,
                           [&api](Call call, http::Reply reply) { confirm(api, std::move(call), std::move(reply)); }));
  router.add(Method::kDelete, factors + "/{id}", "remove_factor",
             writes(api, Body::kNone, remove_factor, nudge, {"reason"}));
  router.add(Method::kPost, factors + "/{id}/vouch", "vouch_for_factor",
             writes(api, Body::kEmpty, vouch_for_factor, nudge));
  router.add(Method::kPost, factors + "/{id}/suspect", "suspect_factor",
             writes(api, Body::kEmpty, suspect_factor, nudge));
}

}  // namespace countersign::api::v1
