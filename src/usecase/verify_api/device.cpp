#include "usecase/verify_api/device.h"

#include "base/encoding.h"
#include "usecase/audit_log.h"
#include "usecase/push/device.h"
#include "usecase/verification/check_totp.h"
#include "usecase/verify_api/device_challenge.h"
#include "usecase/verify_api/hooks.h"

namespace countersign::usecase::verify_api {

namespace {

constexpr std::string_view kCredential = "CR";
constexpr std::string_view kRequestMediaType = "twilio-pba;v=1";
constexpr auto kRequestLife = std::chrono::minutes(10);
constexpr auto kRequestLeeway = std::chrono::minutes(1);

std::optional<WallTime> time_in(const json::object& claims, std::string_view name) {
  constexpr std::int64_t kSecondsMax = 100'000'000'000;  // Far beyond all dates, and no overflow.
  const auto seconds = json_integer(claims, name);
  if (!seconds || *seconds < 0 || *seconds > kSecondsMax) return std::nullopt;
  return WallTime(std::chrono::seconds(*seconds));
}

std::optional<Factor> device_in(const Work& work, const ServiceId& service, std::string_view identity,
                                const FactorId& id) {
  const auto entity = find_entity(work, service, identity);
  auto factor = entity ? find_factor(work, service, *entity, id) : Verdict<Factor>(refuse(ErrorCode::kNotFound));
  if (!factor || factor->row.state.type != domain::Method::kPush) return std::nullopt;
  return *std::move(factor);
}

}  // namespace

std::optional<store::DeviceMaterial> device_of(const store::Vault& vault, const store::FactorRow& row) {
  if (row.state.type != domain::Method::kPush || !row.material_sealed) return std::nullopt;
  return store::decode_device_material(store::open_material(vault, row).expose());
}

void save_device(const Work& work, const FactorId& id, const store::DeviceMaterial& device) {
  store::save_material(work.tx, work.caller.account, id,
                       store::seal_material(work.context.vault, id, store::encode(device), work.moment.random));
}

std::string credential_of(const FactorId& factor) { return id_text(kCredential, factor.id); }

json::object device_config(const Factor& factor) {
  const auto* said = factor.content.if_contains("config");
  json::object config = said != nullptr && said->is_object() ? said->get_object() : json::object();
  config["credential_sid"] = credential_of(factor.row.state.id);
  return config;
}

Verdict<CreatedDevice> create_device(const Work& work, const ServiceId& service, const std::string& identity,
                                     const DeviceRegistration& given) {
  if (!find_service(work, service)) return refuse(ErrorCode::kNotFound);
  auto entity = find_entity(work, service, identity);
  if (!entity) entity = create_entity(work, service, identity);
  if (!entity) return fail(entity.error());
  auto row = new_factor(work, {identity, given.friendly_name, service, domain::Method::kPush});
  if (!row) {
    return row.error().code == Code::kTooManyFactors ? refuse(ErrorCode::kTooManyFactors)
                                                     : refuse(ErrorCode::kInvalidRequest, "FriendlyName");
  }
  const auto& vault = work.context.vault;
  std::string handle = device_handle_digest(vault, work.caller.account, given.point);
  if (store::find_factor_by_handle(work.tx, work.caller.account, handle)) return refuse(ErrorCode::kFactorExists);
  row->handle_digest = std::move(handle);
  row->material_sealed =
      store::seal_material(vault, row->state.id, store::encode(store::DeviceMaterial{given.point}), work.moment.random);
  store::insert_factor(work.tx, *row);
  record_enrolled(work, *row);
  keep_content(work, *entity, row->state.id,
               {{"service", service.text()}, {"config", given.config}, {"metadata", given.metadata}});
  auto factor = find_factor(work, service, *entity, row->state.id);
  if (!factor) return fail(factor.error());
  enqueue_factor_webhook(work, "factor.created", service, *entity, *factor);
  return CreatedDevice{*std::move(entity), *std::move(factor)};
}

SignedAnswer judge_first_signature(std::string_view point, const FactorId& factor, std::string_view payload) {
  const auto der = from_base64(payload);
  return {std::string(point), der && crypto::is_device_signature(point, factor.text(), *der)};
}

SignedAnswer judge_device_answer(std::string_view point, std::string_view payload) {
  auto token = crypto::read_device_token(payload);
  if (!token || !crypto::is_signed_by(*token, point)) return {std::string(point)};
  return {std::string(point), true, std::move(token->claims), std::move(token->signed_text),
          std::move(token->signature)};
}

Verdict<Done> verify_device(const Work& work, const Entity& entity, const Factor& factor, const SignedAnswer& answer) {
  auto row = factor.row;
  const auto device = device_of(work.context.vault, row);
  if (const auto refused = domain::why_not_checkable(row.state, domain::FactorStatus::kUnconfirmed, work.moment.now)) {
    Refusal refusal{refused->outcome == domain::FactorOutcome::kLocked ? ErrorCode::kFactorAttempts
                                                                       : ErrorCode::kFactorVerification};
    if (refused->locked_until) refusal.retry_after = *refused->locked_until - work.moment.now;
    return fail(std::move(refusal));
  }
  if (!device || !answer.holds || answer.point != device->point) {
    const auto& rules = work.context.settings.account(work.caller.account).limits.failures;
    const auto checked = domain::record_code(row.state, false, rules, work.moment.now);
    count_factor_lock(work, row.state.failures, checked.next.failures, "push");
    row.state = checked.next;
    store::save_factor(work.tx, row);
    record(work, "factor.response_wrong", entity.id,
           Facts().text("factor", row.state.id.text()).text("reason", "signature_wrong"));
    Refusal refusal{ErrorCode::kFactorVerification};
    refusal.keep = true;
    return fail(std::move(refusal));
  }
  row.state = domain::woken(std::move(row.state));
  const auto bound = bind_confirmed(work, std::move(row), {});
  if (!bound) return refuse(ErrorCode::kFactorVerification);
  return Done{};
}

std::optional<std::string> look_for_point(const Work& work, const ServiceId& service, std::string_view identity,
                                          const FactorId& id) {
  const auto factor = device_in(work, service, identity, id);
  const auto device = factor ? device_of(work.context.vault, factor->row) : std::nullopt;
  return device ? std::optional(device->point) : std::nullopt;
}

std::optional<std::string> look_for_point(const Work& work, const ServiceId& service, std::string_view identity,
                                          const Id& id) {
  const auto entity = find_entity(work, service, identity);
  if (!entity) return std::nullopt;
  const auto challenge = find_challenge(work, service, *entity, id);
  if (!challenge || !is_of_device(*challenge)) return std::nullopt;
  const auto factor = FactorId::parse(json_text(challenge->content, "factor_sid").value_or(""));
  return factor ? look_for_point(work, service, identity, *factor) : std::nullopt;
}

std::optional<DeviceClaim> read_device_claim(std::string_view password, WallTime now) {
  auto token = crypto::read_device_token(password);
  if (!token || json_text(token->header, "cty") != kRequestMediaType) return std::nullopt;
  const auto factor = parse_id(kCredential, json_text(token->header, "kid").value_or(""));
  const auto account = AccountId::parse(json_text(token->claims, "sub").value_or(""));
  const auto from = time_in(token->claims, "nbf");
  const auto until = time_in(token->claims, "exp");
  if (!factor || !account || !from || !until) return std::nullopt;
  // Nobody but the device issues it. The SDKs leave this out.
  if (const auto* issuer = token->claims.if_contains("iss"); issuer != nullptr &&
                                                             *issuer != json::value(account->text()) &&
                                                             *issuer != json::value(id_text(kCredential, *factor)))
    return std::nullopt;
  if (*until <= *from || *until - *from > kRequestLife) return std::nullopt;
  if (now < *from - kRequestLeeway || now >= *until + kRequestLeeway) return std::nullopt;
  return DeviceClaim{*account, FactorId{*factor}, *std::move(token)};
}

std::optional<KnownDevice> look_for_device(const Work& work, const ServiceId& service, std::string_view identity,
                                           const FactorId& id) {
  const auto factor = device_in(work, service, identity, id);
  const auto device = factor ? device_of(work.context.vault, factor->row) : std::nullopt;
  if (!device) return std::nullopt;
  return KnownDevice{id, factor->row.state.subject, service, device->point};
}

bool is_signed_in(const DeviceClaim& claim, const std::optional<KnownDevice>& device) {
  // Some point of the curve: its generator.
  static const std::string kNobody = from_hex(
                                         "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                                         "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")
                                         .value();
  const bool holds = crypto::is_signed_by(claim.token, device ? device->point : kNobody);
  return holds && device.has_value();
}

bool is_still_known(const Work& work, const KnownDevice& device) {
  const auto row = store::find_factor(work.tx, work.caller.account, device.subject, device.factor);
  if (!row || row->state.status == domain::FactorStatus::kRemoved) return false;
  const auto now = device_of(work.context.vault, *row);
  return now && now->point == device.point;
}

}  // namespace countersign::usecase::verify_api
