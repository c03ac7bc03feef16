#include "usecase/hold.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "domain/guessing.h"
#include "domain/message.h"
#include "domain/return_url.h"
#include "domain/sms_words.h"
#include "store/repository/subjects.h"
#include "store/repository/transactions.h"
#include "usecase/contacts.h"
#include "usecase/journal.h"
#include "usecase/page_terms.h"
#include "usecase/standing.h"

namespace countersign::usecase {

namespace {

constexpr std::size_t kTypeMax = 64;
constexpr std::size_t kContactsMax = 10;
constexpr std::size_t kMetadataMax = 4096;

bool is_type_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

std::optional<Problem> request_fault(const HoldRequest& request, const Settings& settings) {
  const auto fault = [](std::string field, std::string detail) {
    return Problem{Code::kInvalidField, std::move(detail), std::move(field)};
  };
  if (request.type.empty() || request.type.size() > kTypeMax ||
      !std::all_of(request.type.begin(), request.type.end(), is_type_character)) {
    return fault("type", "must be 1 to 64 letters, digits, dots, hyphens or underscores");
  }
  if (auto bad = identity_fault(request.identity)) return bad;
  if (request.contacts.size() > kContactsMax) return fault("subject.contacts", "must have at most 10 entries");
  if (const auto bad = domain::display_fault(request.display)) return fault(bad->field, bad->reason);
  if (auto bad = page_terms_fault(request.return_url, request.locale)) return bad;
  if (request.metadata && request.metadata->size() > kMetadataMax)
    return fault("metadata", "must be at most 4096 bytes");
  if (request.expires_in &&
      (*request.expires_in < std::chrono::seconds(30) || *request.expires_in > settings.expires_in_max)) {
    return fault("expires_in",
                 fmt::format("must be 30 to {} seconds",
                             std::chrono::duration_cast<std::chrono::seconds>(settings.expires_in_max).count()));
  }
  return std::nullopt;
}

/// Apps need nobody to carry anything.
domain::MethodSet offered_by(const ServiceSettings& service) {
  domain::MethodSet methods{domain::Method::kTotp};
  for (const auto& [channel, road] : service.roads) methods.add(domain::method_of(channel));
  return methods;
}

Answer<domain::Policy> choose_policy(const HoldRequest& request, const ServiceSettings& service,
                                     const Settings& settings) {
  if (request.policy && std::holds_alternative<domain::Policy>(*request.policy)) {
    const auto& written = std::get<domain::Policy>(*request.policy);
    if (const auto method = domain::unavailable_method(written)) {
      return refuse_field(written.any_of.contains(*method) ? "policy.any_of" : "policy.enrol",
                          fmt::format("names {}, which does not exist yet", domain::to_text(*method)));
    }
    if (const auto fault = domain::policy_fault(written)) return refuse_field("policy", std::string(*fault));
    if (!domain::can_be_met(written, offered_by(service))) {
      return refuse_field("policy.any_of", "can never be met: the service has no provider for enough of its channels");
    }
    return written;
  }
  const std::string& name = request.policy ? std::get<std::string>(*request.policy) : service.policies.front();
  const auto found = settings.policies.find(name);
  if (found == settings.policies.end() || std::ranges::find(service.policies, name) == service.policies.end())
    return refuse(Code::kUnknownPolicy, "the service has no policy of that name");
  return found->second;
}

Answer<std::vector<CheckedAddress>> check_contacts(const HoldRequest& request, const ServiceSettings& service) {
  std::vector<CheckedAddress> checked;
  for (std::size_t i = 0; i < request.contacts.size(); ++i) {
    auto address = check_address(request.contacts[i], service, fmt::format("subject.contacts[{}].address", i));
    if (!address) return fail(address.error());
    checked.push_back(*std::move(address));
  }
  return checked;
}

/// Whether text messages of ours go out at all: Twilio Verify words its own.
bool writes_sms(const ServiceSettings& service) {
  const auto is_ours = [](const Road& road) { return !road.checks_codes; };
  const auto own = service.roads.find(contact::Channel::kSms);
  if (own == service.roads.end()) return false;
  return is_ours(own->second) ||
         std::ranges::any_of(service.routes, [&](const Route& route) { return is_ours(route.road); });
}

/// What is given as never to be cut must stand in text messages as on the page, and fit wherever the code may go.
/// [SMS-3]
std::optional<Problem> short_line_fault(const HoldRequest& request, const domain::Policy& policy,
                                        const ServiceSettings& service) {
  const auto& line = request.display.short_line;
  const bool may_be_sent = policy.any_of.contains(domain::Method::kSms) || policy.enrol.contains(domain::Method::kSms);
  if (line.empty() || !may_be_sent || !writes_sms(service)) return std::nullopt;
  const auto fault = [](Code code, std::string detail) { return Problem{code, std::move(detail), "display.short"}; };
  if (!domain::says_something(line)) return fault(Code::kInvalidField, "must have a letter or digit");
  if (!domain::stands_unaltered(line)) {
    return fault(Code::kInvalidField,
                 "would be a link or a code in a text message: no \"://\", no dot before a word, no IP address, no # "
                 "before a letter or digit");
  }
  const int longest_code = std::max(service.code_length, domain::kSlowedCodeLength);
  const std::string& locale = service.locale_or(request.locale);
  constexpr int kMinutesMax = 10;
  const auto room = domain::short_line_room(request.display, static_cast<std::size_t>(longest_code),
                                            {service.friendly_name, locale, service.origin_host, kMinutesMax});
  if (room.fits) return std::nullopt;
  return fault(Code::kShortLineTooLong,
               fmt::format("does not fit whole into a text message beside the code, the amount and the warning: {} "
                           "characters fit, and it has {}{}",
                           room.most, room.has, room.has_doubles ? "; \u20AC ^ { } \\ [ ~ ] | count twice" : ""));
}

/// One hash over everything that a proof is for. Ids and hashes have fixed lengths, so nothing can be shifted. [TXN-2]
std::string binding_of(const AccountId& account, const TransactionId& id, std::string_view display_hash,
                       std::string_view payload_hash) {
  std::string all = "countersign binding 1\n";
  all.append(account.bytes()).append(id.bytes()).append(display_hash).append(payload_hash);
  return crypto::sha256(all);
}

struct SubjectOfHold {
  SubjectId id;
  bool is_new;
};

/// What the contacts of a hold have led to.
struct Given {
  WallTime held_at;  ///< When the transaction counts as held: now, and no earlier than what came with it.
  std::optional<domain::standing::History> history;  ///< As it is now; absent where nothing came with the hold.
};

/// Binds what came with the hold: it adds, and never removes. [STD-2, STD-8]
Answer<Given> give_contacts(store::Tx& tx, const Context& context, const Caller& caller, const HoldRequest& request,
                            const ServiceSettings& service, const std::vector<CheckedAddress>& addresses,
                            const SubjectOfHold& subject, Moment& moment) {
  namespace standing = domain::standing;
  WallTime held_at = moment.now;
  if (addresses.empty()) return Given{held_at, std::nullopt};
  auto history = subject.is_new ? no_history(subject.id, service.id)
                                : load_history(tx, context, caller.account, subject.id, service.id);
  standing::Change change{history, {}, {}, {}};
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    // Of somebody new there is nothing to look for, until she has her first.
    const auto make = subject.is_new && i == 0 ? store::insert_first_contact : store::ensure_contact;
    const auto contact = make(tx, context.vault, caller.account, subject.id, service.id, request.contacts[i].channel,
                              addresses[i].address, addresses[i].index_text, moment);
    const Id source = contact.address_id.id;
    const auto* there = binding_of(change.history, source);
    if (there == nullptr || there->gone) {
      const WallTime at = binding_time(tx, caller.account, change.history, contact.known_since, moment.now);
      auto given = standing::give(change.history, offer_of(contact, moment), service.standing, at);
      if (!given) return fail(usecase::problem_of(given.error()));
      follow_with(change, *std::move(given));
    }
    held_at = std::max(held_at, binding_of(change.history, source)->bound_at);
  }
  settle(tx, context, caller, history, std::move(change), moment);
  return Given{held_at, std::move(history)};
}

}  // namespace

Answer<Held> hold(store::Tx& tx, const Context& context, const Caller& caller, const HoldRequest& request,
                  Moment& moment) {
  const Settings& settings = context.settings;
  const auto& account = settings.account(caller.account);
  if (auto fault = request_fault(request, settings)) return fail(*std::move(fault));
  const ServiceSettings* service =
      request.service.empty() ? &account.services.front() : account.service(request.service);
  if (service == nullptr) return refuse_field("service", "no service of that name is configured");
  if (!request.return_url.empty() && !domain::may_return_to(service->return_urls, request.return_url))
    return refuse_field("return_url", "is none of those that the service allows");
  auto policy = choose_policy(request, *service, settings);
  if (!policy) return fail(policy.error());
  if (auto fault = short_line_fault(request, *policy, *service)) return fail(*std::move(fault));
  const auto addresses = check_contacts(request, *service);
  if (!addresses) return fail(addresses.error());

  bool is_new = false;
  const SubjectId subject = store::ensure_subject(tx, context.vault, caller.account, request.identity, moment, &is_new);
  Caller with_locale = caller;
  with_locale.locale = request.locale;
  auto given = give_contacts(tx, context, with_locale, request, *service, *addresses, {subject, is_new}, moment);
  if (!given) {
    tx.abandon();
    return fail(given.error());
  }

  const SecretString secret(to_base64url(moment.random.bytes(32)));
  store::TransactionRow row;
  row.state.id = TransactionId::make(moment);
  row.state.account = caller.account;
  row.state.service = service->id;
  row.state.subject = subject;
  row.state.policy = *std::move(policy);
  row.state.created_at = given->held_at;
  row.state.expires_at = moment.now + request.expires_in.value_or(settings.expires_in);
  row.type = request.type;
  row.locale = request.locale;
  const std::string display = canonical_json(domain::to_json(request.display));
  row.display_sealed = store::seal_display(context.vault, row.state.id, display, moment.random);
  row.display_hash = crypto::sha256(display);
  row.payload_hash = crypto::sha256(request.payload);
  row.binding_hash = binding_of(caller.account, row.state.id, row.display_hash, row.payload_hash);
  row.token_digest = context.vault.digester().token_digest("verify_url", secret.expose());
  if (!request.return_url.empty())
    row.return_url_sealed = store::seal_return_url(context.vault, row.state.id, request.return_url, moment.random);
  if (request.metadata)
    row.metadata_sealed = store::seal_metadata(context.vault, row.state.id, *request.metadata, moment.random);
  store::insert_transaction(tx, row);
  store::insert_payload(tx, context.vault, caller.account, row.state.id, request.payload, moment.random);
  record(tx, context, caller, "transaction.held", row.state,
         Facts().text("type", row.type).text("binding", to_hex(row.binding_hash)), moment);
  Held held{row.state.id, fmt::format("{}/verify/{}.{}", settings.public_url, row.state.id.text(), secret.expose()),
            row.state.expires_at};
  if (!request.send) return held;
  if (!given->history) given->history = load_history(tx, context, caller.account, subject, service->id);
  auto started = start_with_hold(tx, context, caller, row, *given->history, *request.send, moment);
  if (!started) {
    tx.abandon();
    return fail(std::move(started).error());
  }
  held.started = *std::move(started);
  return held;
}

}  // namespace countersign::usecase
