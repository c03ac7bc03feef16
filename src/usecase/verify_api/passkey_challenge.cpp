#include "usecase/verify_api/passkey_challenge.h"

#include <algorithm>
#include <memory>
#include <tuple>

#include "base/encoding.h"
#include "store/repository/counters.h"
#include "usecase/audit_log.h"
#include "usecase/passkey/asked_lately.h"
#include "usecase/passkey/enrol.h"
#include "usecase/passkey/usable.h"
#include "usecase/subject/standing.h"
#include "usecase/verification/allowance.h"
#include "usecase/verify_api/challenge_rows.h"
#include "usecase/verify_api/passkey.h"
#include "usecase/verify_api/passkey_terms.h"
#include "webauthn/challenge.h"
#include "webauthn/options.h"

namespace countersign::usecase::verify_api {

namespace {

// A challenge stands under its service, named by what is to be signed, and once more under its entity, where the API
// lists challenges; one that asks for nobody has the second row from its approval on.
constexpr std::string_view kAskedKind = "passkey_challenge";
/// The row that an answer is found by is deleted soon: what can be listed later stands under the entity.
constexpr auto kAskedKept = std::chrono::hours(1);
constexpr domain::Rate kPerEntity{50, std::chrono::hours(1)};
constexpr auto kLongEnoughToAnswer = std::chrono::minutes(1);
constexpr int kNewestOpen = 20;

std::string_view asked_text(const Challenge& challenge, std::string_view name) {
  return json_text(challenge.content, name).value_or("");
}

store::Resource asked_row(const Work& work, const ServiceId& service, const Challenge& challenge) {
  return {work.caller.account,
          kAskedKind,
          service.id,
          challenge.id,
          std::string(asked_text(challenge, "challenge")),
          kept_content(challenge),
          challenge.created_at,
          work.moment.now,
          challenge.state.expires_at + kAskedKept};
}

store::Resource listed_row(const Work& work, const Entity& entity, const Challenge& challenge) {
  return {work.caller.account,
          kChallengeKind,
          entity.id.id,
          challenge.id,
          {},
          kept_content(challenge),
          challenge.created_at,
          work.moment.now,
          challenge.created_at + kChallengeKept};
}

void save_both(const Work& work, const ServiceId& service, const std::optional<Entity>& entity,
               const Challenge& challenge) {
  store::save_resource(work.tx, work.context.vault, asked_row(work, service, challenge), work.moment.random);
  if (!entity) return;
  const auto row = listed_row(work, *entity, challenge);
  if (!store::insert_resource(work.tx, work.context.vault, row, work.moment.random))
    store::save_resource(work.tx, work.context.vault, row, work.moment.random);
}

std::optional<Challenge> find_asked(const Work& work, const ServiceId& service, std::string_view client_data) {
  const auto name = named_challenge(client_data);
  if (!name) return std::nullopt;
  auto found = store::find_named(work.tx, work.context.vault, work.caller.account, kAskedKind, service.id, *name);
  return found ? std::optional(challenge_of(*std::move(found))) : std::nullopt;
}

/// A passkey of the entity that may be asked, and what is stored of it.
struct Askable {
  Factor factor;
  store::PasskeyRecord record;
};

std::optional<Askable> askable(const Work& work, Factor factor, const PasskeySettings& settings,
                               const domain::standing::History& history) {
  if (factor.row.state.status != domain::FactorStatus::kActive) return std::nullopt;
  if (!is_in_force(history, factor)) return std::nullopt;
  auto record = passkey_record_of(work.context.vault, factor.row);
  if (!record || record->rp_id != settings.party.id) return std::nullopt;
  if (is_of_fallen_model(settings, *record, work.moment.now)) return std::nullopt;
  return Askable{std::move(factor), *std::move(record)};
}

Verdict<std::vector<Askable>> askables_of(const Work& work, const ServiceId& service, const Entity& entity,
                                          const std::optional<FactorId>& only, const PasskeySettings& settings) {
  std::vector<Askable> all;
  const auto history = load_history(work.tx, work.context, work.caller.account, entity.id, service);
  for (auto& factor : list_factors(work, service, entity)) {
    if (factor.row.state.type != domain::Method::kWebauthn || (only && factor.row.state.id != *only)) continue;
    if (only && factor.row.state.status == domain::FactorStatus::kUnconfirmed)
      return refuse(ErrorCode::kFactorUnverified);
    if (auto one = askable(work, std::move(factor), settings, history)) all.push_back(*std::move(one));
  }
  if (all.empty()) return refuse(ErrorCode::kPasskeyNotFound);
  return all;
}

json::object options_of(const PasskeySettings& settings, std::string_view party_name, const Challenge& challenge,
                        const std::vector<Askable>& allowed, WallTime now) {
  // Of whoever has one nothing is known.
  const bool one_has_verified =
      allowed.empty() || std::ranges::any_of(allowed, [](const Askable& one) { return one.record.user_verified; });
  webauthn::RequestOptions options{
      settings.party,
      from_base64url(asked_text(challenge, "challenge")).value_or(""),
      {},
      verification_to_ask(settings, one_has_verified),
      {},
      {},
      std::chrono::duration_cast<std::chrono::milliseconds>(std::max(challenge.state.expires_at - now, Duration{}))};
  for (const auto& one : allowed) options.allow.push_back({one.record.credential_id, one.record.transports});
  json::object out = webauthn::request_options(options);
  out["rp"] = json::object{{"id", settings.party.id}, {"name", party_name}};
  return out;
}

std::string_view party_name_in(const json::object& party) { return json_text(party, "name").value_or(""); }

/// The newest that asks the same and is open long enough.
std::optional<Challenge> open_already(const Work& work, const Entity& entity, std::string_view only) {
  for (auto& row : store::list_resources(work.tx, work.context.vault, work.caller.account, kChallengeKind, entity.id.id,
                                         {{}, {}, true, kNewestOpen})) {
    auto challenge = challenge_of(std::move(row));
    const bool same = is_of_passkeys(challenge) && asked_text(challenge, "only") == only;
    if (same && !closed_challenge(challenge.state, work.moment.now + kLongEnoughToAnswer)) return challenge;
  }
  return std::nullopt;
}

Challenge new_challenge(const Work& work, const ServiceId& service, std::string_view factor, std::string_view only) {
  return {Id::make(work.moment),
          {domain::ChallengeStatus::kPending, 0, work.moment.now + kCeremonyTime, std::nullopt},
          {{"service", service.text()},
           {"factor_sid", factor},
           {"only", only},
           {"challenge", to_base64url(webauthn::fresh_challenge(work.moment.random))}},
          work.moment.now,
          work.moment.now};
}

/// Whose challenge it is; nullopt for nobody's in particular.
std::optional<Entity> entity_asked(const Work& work, const ServiceId& service, const Challenge& challenge) {
  const auto id = SubjectId::parse(asked_text(challenge, "entity"));
  auto entity = id ? find_entity(work, service, *id) : Verdict<Entity>(refuse(ErrorCode::kNotFound));
  return entity ? std::optional(*std::move(entity)) : std::nullopt;
}

struct Answering {
  Entity entity;
  Askable passkey;
};

/// The passkey with that credential id, of the entity that the challenge asks for, or of any if it asks for none.
std::optional<Answering> find_answering(const Work& work, const ServiceId& service, const Challenge& challenge,
                                        const PasskeySettings& settings, std::string_view credential_id) {
  const auto& vault = work.context.vault;
  const AccountId& account = work.caller.account;
  auto row = store::find_factor_by_handle(work.tx, account, handle_digest_of(vault, account, credential_id));
  if (!row) return std::nullopt;
  const std::string_view asked = asked_text(challenge, "entity");
  const std::string_view only = asked_text(challenge, "only");
  if (!asked.empty() && asked != row->state.subject.text()) return std::nullopt;
  if (!only.empty() && only != row->state.id.text()) return std::nullopt;
  auto entity = find_entity(work, service, row->state.subject);
  auto factor = entity ? find_factor(work, service, *entity, row->state.id) : Verdict<Factor>(fail(entity.error()));
  if (!factor) return std::nullopt;
  const auto history = load_history(work.tx, work.context, account, row->state.subject, service);
  auto passkey = askable(work, *std::move(factor), settings, history);
  if (!passkey) return std::nullopt;
  return Answering{*std::move(entity), *std::move(passkey)};
}

/// nullopt if the service has none of the pages any more that the passkey was made for.
std::optional<SeenAnswer> seen_answer(const Work& work, const Service& service, const Challenge& challenge,
                                      PasskeySettings settings, const Askable& passkey, const SubjectId& entity) {
  // A passkey that was made for some of the origins answers from those.
  if (const auto* config = config_of(passkey.factor)) {
    const auto terms = passkey_terms(service, config);
    if (!terms) return std::nullopt;
    settings.party.origins = terms->settings.party.origins;
  }
  return SeenAnswer{std::string(asked_text(challenge, "challenge")),
                    std::move(settings),
                    asked_text(challenge, "entity").empty(),
                    passkey.factor.row.state.id,
                    passkey.record,
                    user_handles_of(work.context.vault, work.caller.account, entity)};
}

/// What changes with each answer of a passkey is compared where that is stored.
bool is_judged_alike(const std::optional<SeenAnswer>& a, const std::optional<SeenAnswer>& b) {
  if (!a || !b) return !a && !b;
  const auto& [party, other] = std::tie(a->settings.party, b->settings.party);
  return a->challenge == b->challenge && a->factor == b->factor && a->discoverable == b->discoverable &&
         a->record.credential_id == b->record.credential_id && a->record.public_key == b->record.public_key &&
         a->settings.user_verification == b->settings.user_verification && party.id == other.id &&
         party.origins == other.origins && party.cross_origin_allowed == other.cross_origin_allowed &&
         party.top_origins == other.top_origins;
}

/// About.
std::size_t memory_of(const AskedOfEntity& asked) {
  std::size_t bytes = sizeof asked;
  for (const auto& one : asked.passkeys) {
    bytes += sizeof one + one.challenge.size() + bytes_of(one.record) + one.settings.party.id.size();
    for (const auto* list : {&one.settings.party.origins, &one.settings.party.top_origins})
      for (const auto& origin : *list) bytes += sizeof origin + origin.size();
  }
  return bytes;
}

/// Once it is durable. What the same challenge asked before is the same.
void remember(const Work& work, const Service& service, const ServiceId& id, const PasskeySettings& settings,
              const AskedPasskey& given, const std::vector<Askable>& allowed) {
  auto* const lately = work.context.passkeys_asked;
  if (lately == nullptr) return;
  auto asked = std::make_shared<AskedOfEntity>(work.caller.account, id, std::vector<SeenAnswer>());
  for (const auto& one : allowed) {
    if (auto seen = seen_answer(work, service, given.challenge, settings, one, given.entity->id))
      asked->passkeys.push_back(*std::move(seen));
  }
  work.tx.when_durable([lately, asked = std::move(asked), name = std::string(asked_text(given.challenge, "challenge")),
                        until = given.challenge.state.expires_at, now = work.moment.now] {
    lately->of_entities().put(name, asked, memory_of(*asked), until, now);
  });
}

Failure<Refusal> refuse_answer_of(const Work& work, const ServiceId& service, Challenge challenge,
                                  const std::optional<Answering>& answering, webauthn::Refusal why) {
  const auto& limits = work.context.settings.account(work.caller.account).limits;
  if (const auto counted = count_check(work, limits, Guesser::kStranger); !counted)
    return fail(Refusal{ErrorCode::kTooManyRequests, {}, counted.error().retry_after});
  challenge.state = domain::spent(challenge.state).value_or(challenge.state);
  challenge.updated_at = work.moment.now;
  const auto entity = entity_asked(work, service, challenge);
  save_both(work, service, entity, challenge);
  if (answering) {
    record(work, "factor.response_wrong", answering->entity.id,
           Facts()
               .text("factor", answering->passkey.factor.row.state.id.text())
               .text("reason", webauthn::refusal_word(why)));
  } else if (entity) {
    record(work, "factor.response_wrong", entity->id, Facts().text("reason", webauthn::refusal_word(why)));
  }
  Refusal refusal{ErrorCode::kChallengeVerification};
  refusal.keep = true;
  return fail(std::move(refusal));
}

}  // namespace

Verdict<AskedPasskey> create_passkey_challenge(const Work& work, const ServiceId& service_id,
                                               const NewPasskeyChallenge& given) {
  const auto service = find_service(work, service_id);
  if (!service) return refuse(ErrorCode::kNotFound);
  const auto settings = passkey_settings(*service);
  if (!settings) return fail(settings.error());
  const json::object party = party_json(*service);
  const auto asked = [&](Challenge challenge, std::optional<Entity> entity, const std::vector<Askable>& allowed) {
    auto options = options_of(*settings, party_name_in(party), challenge, allowed, work.moment.now);
    return AskedPasskey{std::move(challenge), std::move(entity), std::move(options)};
  };
  if (!given.identity) {
    const auto challenge = new_challenge(work, service_id, "", "");
    CS_CHECK(store::insert_resource(work.tx, work.context.vault, asked_row(work, service_id, challenge),
                                    work.moment.random));
    return asked(challenge, std::nullopt, {});
  }
  auto entity = find_entity(work, service_id, *given.identity);
  if (!entity) return refuse(ErrorCode::kPasskeyEntityNotFound);
  const auto allowed = askables_of(work, service_id, *entity, given.factor, *settings);
  if (!allowed) return fail(allowed.error());
  const std::string only = given.factor ? given.factor->text() : std::string();
  const std::string counter = "passkey challenge entity " + std::string(entity->id.bytes());
  if (!store::count_in_counter(work.tx, work.caller.account, counter, kPerEntity, work.moment.now)) {
    if (auto open = open_already(work, *entity, only)) {
      auto again = asked(*std::move(open), *std::move(entity), *allowed);
      remember(work, *service, service_id, *settings, again, *allowed);
      return again;
    }
  }
  auto challenge = new_challenge(
      work, service_id, allowed->size() == 1 ? allowed->front().factor.row.state.id.text() : std::string(), only);
  challenge.content["entity"] = entity->id.text();
  CS_CHECK(
      store::insert_resource(work.tx, work.context.vault, asked_row(work, service_id, challenge), work.moment.random));
  CS_CHECK(
      store::insert_resource(work.tx, work.context.vault, listed_row(work, *entity, challenge), work.moment.random));
  record(work, "challenge.created", entity->id, Facts().text("challenge", id_text("YC", challenge.id)));
  auto made = asked(std::move(challenge), *std::move(entity), *allowed);
  remember(work, *service, service_id, *settings, made, *allowed);
  return made;
}

std::optional<SeenAnswer> look_for_answer(const Work& work, const ServiceId& service_id,
                                          const AssertionAnswer& response) {
  const auto service = find_service(work, service_id);
  const auto challenge = service ? find_asked(work, service_id, response.client_data) : std::nullopt;
  if (!challenge) return std::nullopt;
  auto settings = passkey_settings(*service);
  if (!settings) return std::nullopt;
  auto found = find_answering(work, service_id, *challenge, *settings, response.id);
  if (!found) return std::nullopt;
  return seen_answer(work, *service, *challenge, *std::move(settings), found->passkey, found->entity.id);
}

std::optional<SeenAnswer> remembered_answer(const Context& context, const AccountId& account, const ServiceId& service,
                                            const AssertionAnswer& response, WallTime now) {
  const auto name = named_challenge(response.client_data);
  auto* const lately = context.passkeys_asked;
  const auto asked = lately != nullptr && name ? lately->of_entities().find(*name, now) : nullptr;
  if (!asked || asked->account != account || asked->service != service) return std::nullopt;
  const auto found = std::ranges::find_if(
      asked->passkeys, [&](const SeenAnswer& one) { return one.record.credential_id == response.id; });
  return found == asked->passkeys.end() ? std::nullopt : std::optional(*found);
}

JudgedAnswer judge_answer(ParsedKeys* keys, const std::optional<SeenAnswer>& seen, const AssertionAnswer& response) {
  using webauthn::Refusal;
  if (!seen) return {{}, countersign::fail(Refusal::kCredentialUnknown)};
  const auto key = parsed_key(keys, seen->record.public_key);
  if (!key) return {seen, countersign::fail(Refusal::kKeyMalformed)};
  const std::string challenge = from_base64url(seen->challenge).value_or("");
  const webauthn::AuthenticationExpectation expected{
      seen->settings.party, challenge, seen->settings.user_verification, {seen->record.credential_id},
      seen->discoverable,   {},        webauthn::Anomalies::kReport};
  const webauthn::StoredCredential stored{seen->record.credential_id, *key, seen->record.sign_count,
                                          seen->record.backup_eligible, seen->handles.expected_of(response)};
  return {seen, webauthn::authenticate(expected, stored, response)};
}

Verdict<AskedPasskey> approve_challenge(const Work& work, const ServiceId& service_id, const AssertionAnswer& response,
                                        const JudgedAnswer& judged) {
  const auto service = find_service(work, service_id);
  auto challenge = service ? find_asked(work, service_id, response.client_data) : std::nullopt;
  if (!challenge) return refuse(ErrorCode::kPasskeyChallengeNotFound);
  const auto settings = passkey_settings(*service);
  if (!settings) return countersign::fail(settings.error());
  if (const auto closed = closed_challenge(challenge->state, work.moment.now)) return refuse(*closed);
  auto found = find_answering(work, service_id, *challenge, *settings, response.id);
  const auto refused = [&](webauthn::Refusal why) {
    return refuse_answer_of(work, service_id, *challenge, found, why);
  };
  const auto now = found ? seen_answer(work, *service, *challenge, *settings, found->passkey, found->entity.id)
                         : std::optional<SeenAnswer>();
  // Rare: then this signature is verified here, where others wait.
  const auto verdict = is_judged_alike(judged.seen, now)
                           ? judged.verdict
                           : judge_answer(work.context.passkey_keys, now, response).verdict;
  if (!verdict) return refused(verdict.error());
  CS_CHECK(found.has_value());  // Or the verdict is none.
  const auto& row = found->passkey.factor.row;
  if (const auto strange = anomaly_of(found->passkey.record, *verdict)) {
    record_anomaly(work, row.state.subject, row.state.id, *strange);
    if (settings->strict_counter) return refused(*strange);
  }
  const auto& limits = work.context.settings.account(work.caller.account).limits;
  if (const auto counted = count_check(work, limits, Guesser::kKnown); !counted)
    return countersign::fail(Refusal{ErrorCode::kTooManyRequests, {}, counted.error().retry_after});
  challenge->state = domain::answered_right(challenge->state, work.moment.now).value_or(challenge->state);
  challenge->updated_at = work.moment.now;
  challenge->content["factor_sid"] = row.state.id.text();
  challenge->content["entity"] = found->entity.id.text();
  save_both(work, service_id, found->entity, *challenge);
  note_use(work, row.state.id, std::move(found->passkey.record), *verdict);
  if (auto* lately = work.context.passkeys_asked; lately != nullptr)
    work.tx.when_durable(
        [lately, name = std::string(asked_text(*challenge, "challenge"))] { lately->of_entities().forget(name); });
  announce_approval(work, service_id, found->entity, *challenge);
  auto options = options_of(*settings, party_name_in(party_json(*service)), *challenge, {}, work.moment.now);
  return AskedPasskey{*std::move(challenge), std::move(found->entity), std::move(options)};
}

}  // namespace countersign::usecase::verify_api
