#include "api/v1/hold_body.h"

#include <fmt/format.h>

namespace countersign::api::v1 {

namespace {

domain::Display read_display(Fields& outer) {
  domain::Display display;
  const auto* object = outer.object("display");
  if (object == nullptr) return display;
  Fields fields(*object, outer.path_of("display."), {"title", "amount", "payee", "lines", "short"});
  display.title = fields.text("title");
  display.payee = fields.optional_text("payee").value_or("");
  display.short_line = fields.optional_text("short").value_or("");
  if (const auto* amount = fields.optional_object("amount")) {
    Fields inner(*amount, fields.path_of("amount."), {"value", "currency"});
    display.amount = domain::Amount{inner.text("value"), inner.text("currency")};
    fields.absorb(inner);
  }
  if (const auto* lines = fields.optional_array("lines")) {
    for (std::size_t i = 0; i < lines->size(); ++i) {
      const auto& line = (*lines)[i];
      if (!line.is_object()) {
        fields.refuse(fmt::format("lines[{}]", i), "must be an object");
        break;
      }
      Fields inner(line.get_object(), fields.path_of(fmt::format("lines[{}].", i)), {"label", "value", "previous"});
      display.lines.push_back({inner.text("label"), inner.text("value"), inner.optional_text("previous").value_or("")});
      fields.absorb(inner);
    }
  }
  outer.absorb(fields);
  return display;
}

domain::MethodSet read_methods(Fields& fields, std::string_view name) {
  domain::MethodSet methods;
  const auto* array = fields.optional_array(name);
  if (array == nullptr) return methods;
  for (const auto& item : *array) {
    const auto method = item.is_string() ? domain::parse_method(std::string_view(item.get_string())) : std::nullopt;
    if (method)
      methods.add(*method);
    else
      fields.refuse(name, "must name sms, call, whatsapp, email, totp, webauthn, push or recovery_code");
  }
  return methods;
}

domain::Policy read_policy(Fields& outer, const json::object& object) {
  Fields fields(object, outer.path_of("policy."),
                {"any_of", "min_kinds", "user_verification", "device_bound", "totp_alone", "email_alone",
                 "display_required", "trust_on_first_use", "enrol", "wait_seconds", "contact_quiet_seconds"});
  domain::Policy policy;
  policy.any_of = read_methods(fields, "any_of");
  policy.min_kinds =
      static_cast<int>(std::clamp<std::int64_t>(fields.optional_integer("min_kinds").value_or(1), -1, 100));
  policy.user_verification = fields.boolean("user_verification", false);
  policy.device_bound = fields.boolean("device_bound", false);
  policy.totp_alone = fields.boolean("totp_alone", true);
  policy.email_alone = fields.boolean("email_alone", false);
  policy.display_required = fields.boolean("display_required", true);
  policy.trust_on_first_use = fields.boolean("trust_on_first_use", false);
  policy.enrol = read_methods(fields, "enrol");
  for (const std::string_view name : {"wait_seconds", "contact_quiet_seconds"}) {  // The second is the older name.
    const auto wait = fields.optional_integer(name).value_or(0);
    if (wait < 0 || wait > 31'536'000)
      fields.refuse(name, "must be 0 to 31536000");
    else
      policy.wait = std::max<Duration>(policy.wait, std::chrono::seconds(wait));
  }
  outer.absorb(fields);
  return policy;
}

void read_subject(Fields& outer, usecase::HoldRequest& request) {
  const auto* object = outer.object("subject");
  if (object == nullptr) return;
  Fields fields(*object, outer.path_of("subject."), {"identity", "contacts"});
  request.identity = fields.text("identity");
  request.contacts = read_contacts(fields);
  outer.absorb(fields);
}

}  // namespace

std::optional<IpAddress> read_end_user(Fields& fields) {
  const auto text = fields.optional_text("end_user_ip");
  if (!text) return std::nullopt;
  const auto address = IpAddress::parse(*text);
  if (!address) fields.refuse("end_user_ip", "must be an IPv4 or IPv6 address");
  return address;
}

usecase::GivenContact read_contact(Fields& fields) {
  usecase::GivenContact contact;
  const auto channel = contact::parse_channel(fields.text("channel"));
  if (channel)
    contact.channel = *channel;
  else
    fields.refuse("channel", "must be sms, call, whatsapp or email");
  contact.address = fields.text("address");
  return contact;
}

std::vector<usecase::GivenContact> read_contacts(Fields& fields) {
  std::vector<usecase::GivenContact> given;
  if (const auto* contacts = fields.optional_array("contacts")) {
    for (std::size_t i = 0; i < contacts->size(); ++i) {
      const auto& contact = (*contacts)[i];
      if (!contact.is_object()) {
        fields.refuse(fmt::format("contacts[{}]", i), "must be an object");
        break;
      }
      Fields inner(contact.get_object(), fields.path_of(fmt::format("contacts[{}].", i)), {"channel", "address"});
      given.push_back(read_contact(inner));
      fields.absorb(inner);
    }
  }
  return given;
}

usecase::Answer<usecase::HoldRequest> read_hold(const json::object& body, usecase::Caller& caller) {
  Fields fields(body, "",
                {"type", "service", "subject", "display", "payload", "policy", "return_url", "locale", "expires_in",
                 "metadata", "send", "end_user_ip", "risk"});
  usecase::HoldRequest request;
  request.type = fields.text("type");
  request.service = fields.optional_text("service").value_or("");
  read_subject(fields, request);
  request.display = read_display(fields);
  const auto* payload = fields.any("payload");
  if (payload == nullptr)
    fields.refuse("payload", "is required: the JSON value to be sealed");
  else
    request.payload = canonical_json(*payload);
  if (const auto* policy = fields.any("policy"); policy != nullptr && !policy->is_null()) {
    if (policy->is_object())
      request.policy = read_policy(fields, policy->get_object());
    else
      request.policy = fields.text("policy");
  }
  request.return_url = fields.optional_text("return_url").value_or("");
  request.locale = fields.optional_text("locale").value_or("");
  if (const auto seconds = fields.optional_integer("expires_in")) {
    // Clamped before the conversion, so that no number overflows a duration; the use case checks the actual bounds.
    request.expires_in = std::chrono::seconds(std::clamp<std::int64_t>(*seconds, 0, 1'000'000'000));
  }
  if (const auto* metadata = fields.optional_object("metadata")) request.metadata = canonical_json(*metadata);
  if (const auto word = fields.optional_text("send")) {
    request.send = contact::parse_wanted(*word);
    if (!request.send) fields.refuse("send", "must be sms, call, whatsapp, email or auto");
  }
  if (const auto* risk = fields.optional_object("risk")) {
    Fields inner(*risk, "risk.", {"device", "payout_fingerprint"});
    request.risk = {inner.optional_text("device").value_or(""), inner.optional_text("payout_fingerprint").value_or("")};
    fields.absorb(inner);
  }
  caller.end_user = read_end_user(fields);
  if (fields.problem()) return fail(*fields.problem());
  return request;
}

}  // namespace countersign::api::v1
