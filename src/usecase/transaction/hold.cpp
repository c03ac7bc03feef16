#include "usecase/transaction/hold.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/encoding.h"
#include "domain/guessing.h"
#include "domain/message.h"
#include "domain/return_url.h"
#include "domain/sms_words.h"
#include "domain/standing/another_kind.h"
#include "store/repository/standings.h"
#include "store/repository/subjects.h"
#include "store/repository/transactions.h"
#include "usecase/audit_log.h"
#include "usecase/keys.h"
#include "usecase/risk/alert.h"
#include "usecase/subject/contacts.h"
#include "usecase/subject/standing.h"
#include "usecase/transaction/page_terms.h"

namespace countersign::usecase {

namespace {

constexpr std::size_t kTypeMax = 64;
constexpr std::size_t kContactsMax = 10;
constexpr std::size_t kMetadataMax = 4096;

bool is_type_character(char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-'; }

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
  constexpr std::size_t kGivenRiskMax = 255;
  if (request.risk.device.size() > kGivenRiskMax) return fault("risk.device", "must be at most 255 bytes");
  if (request.risk.payout_fingerprint.size() > kGivenRiskMax)
    return fault("risk.payout_fingerprint", "must be at most 255 bytes");
  if (request.metadata && request.metadata->size() > kMetadataMax)
    return fault("metadata", "must be at most 4096 bytes");
  if (request.expires_in &&
      (*request.expires_in < std::chrono::seconds(30) || *request.expires_in > settings.transactions.expires_in_max)) {
    return fault(
        "expires_in",
        fmt::format("must be 30 to {} seconds",
                    std::chrono::duration_cast<std::chrono::seconds>(settings.transactions.expires_in_max).count()));
  }
  return std::nullopt;
}

Answer<domain::Policy> choose_policy(const HoldRequest& request, const ServiceSettings& service,
                                     const Settings& settings) {
  if (request.policy && std::holds_alternative<domain::Policy>(*request.policy)) {
    const auto& written = std::get<domain::Policy>(*request.policy);
    if (const auto fault = domain::policy_fault(written)) return refuse_field("policy", std::string(*fault));
    const auto push =
        settings.push && !service.push_page.empty() ? domain::PushAnswers::kWithNumber : domain::PushAnswers::kBare;
    if (!domain::can_be_met(written, methods_offered(service), push)) {
      return refuse_field("policy.any_of",
                          "can never be met: the service has no provider for enough of its channels, "
                          "and a push from the mobile SDKs is never enough alone");
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

/// Whether we write the service's text messages: Twilio Verify writes its own.
bool writes_sms(const ServiceSettings& service) {
  const auto is_ours = [](const ChannelProvider& provider) { return !provider.checks_codes; };
  const auto own = service.providers.find(contact::Channel::kSms);
  if (own == service.providers.end()) return false;
  bool any = false;
  service.each_provider([&](const ChannelProvider& provider) { any = any || is_ours(provider); },
                        contact::Channel::kSms);
  return any;
}

/// A short line is never cut: it must fit into a text message, on the page, and on every channel of the code. [SMS-3]
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
///
/// binding := SHA-256 over
///    "countersign binding 1\n"
///    account         16 bytes
///    transaction     16 bytes
///    display hash    32 bytes    SHA-256 of the display as canonical JSON (RFC 8785)
///    payload hash    32 bytes    SHA-256 of the payload as canonical JSON
std::string binding_of(const AccountId& account, const TransactionId& id, std::string_view display_hash,
                       std::string_view payload_hash) {
  std::string all = "countersign binding 1\n";
  all.append(account.bytes()).append(id.bytes()).append(display_hash).append(payload_hash);
  return crypto::sha256(all);
}

/// So that no other unit makes the same subject, or the same address, at the same time.
void take_names(const Work& work, const HoldRequest& request, const std::vector<CheckedAddress>& addresses) {
  std::vector<store::Key> keys{naming_key(work.caller.account, request.identity)};
  for (const auto& address : addresses) keys.push_back(naming_key(work.caller.account, address.index_text));
  std::ranges::sort(keys);
  static_cast<void>(work.tx.take(keys));  // Nothing of theirs has been read.
}

/// The subject's history at the service; without another read where it has come with the subject.
domain::standing::History history_of(const Work& work, const store::EnsuredSubject& subject, const ServiceId& service) {
  if (subject.is_new) return no_history(subject.id, service);
  if (subject.history_content)
    return with_what_others_share(work.tx, work.context, work.caller.account,
                                  store::read_history(*subject.history_content, subject.id, service));
  return load_history(work.tx, work.context, work.caller.account, subject.id, service);
}

/// The result of adding the contacts of a hold.
struct Given {
  WallTime held_at;  ///< The hold time: now, and not before the contacts that came with it.
  std::optional<domain::standing::History> history;  ///< The current history; absent if no contacts came with the hold.
};

/// Binds the contacts that come with the hold: it adds, and never removes. [STD-2, STD-8]
Answer<Given> give_contacts(const Work& work, const HoldRequest& request, const ServiceSettings& service,
                            const std::vector<CheckedAddress>& addresses, const store::EnsuredSubject& subject) {
  namespace standing = domain::standing;
  WallTime held_at = work.moment.now;
  if (addresses.empty()) return Given{held_at, std::nullopt};
  auto history = history_of(work, subject, service.id);
  standing::Change change{history, {}, {}, {}};
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    // A new subject has no contacts to look for before the first.
    const auto make = subject.is_new && i == 0 ? store::insert_first_contact : store::ensure_contact;
    const auto contact = make(work.tx, work.context.vault,
                              {work.caller.account, subject.id, service.id, request.contacts[i].channel,
                               addresses[i].address, addresses[i].index_text},
                              work.moment);
    // Its guards may be stale; they are read again where they count.
    static_cast<void>(work.tx.take(address_key(work.caller.account, contact.address_id)));
    const Id source = contact.address_id.id;
    if (own_living(change.history, source) == nullptr) {  // Whatever another service shares.
      const WallTime at = binding_time(work, change.history, contact.known_since);
      auto given = standing::give(change.history, offer_of(contact, work.moment), service.standing, at);
      if (!given) return fail(usecase::problem_of(given.error()));
      follow_with(change, *std::move(given));
    }
    held_at = std::max(held_at, binding_of(change.history, source)->bound_at);
  }
  settle(work, history, std::move(change));
  return Given{held_at, std::move(history)};
}

/// A request that the settings allow.
struct CheckedRequest {
  const ServiceSettings* service = nullptr;
  domain::Policy policy;
  std::vector<CheckedAddress> addresses;
};

Answer<CheckedRequest> check_request(const HoldRequest& request, const AccountSettings& account,
                                     const Settings& settings) {
  if (auto fault = request_fault(request, settings)) return fail(*std::move(fault));
  const ServiceSettings* service =
      request.service.empty() ? &account.services.front() : account.service(request.service);
  if (service == nullptr) return refuse_field("service", "no service of that name is configured");
  if (!request.return_url.empty() && !domain::may_return_to(service->return_urls, request.return_url))
    return refuse_field("return_url", "is none of those that the service allows");
  auto policy = choose_policy(request, *service, settings);
  if (!policy) return fail(policy.error());
  if (auto fault = short_line_fault(request, *policy, *service)) return fail(*std::move(fault));
  auto addresses = check_contacts(request, *service);
  if (!addresses) return fail(addresses.error());
  return CheckedRequest{service, *std::move(policy), *std::move(addresses)};
}

}  // namespace

std::optional<Problem> hold_fault(const Context& context, const AccountId& account, const HoldRequest& request) {
  const auto checked = check_request(request, context.settings.account(account), context.settings);
  return checked ? std::nullopt : std::optional(checked.error());
}

Answer<Held> hold(const Work& work, const HoldRequest& request) {
  const Settings& settings = work.context.settings;
  const auto& account = settings.account(work.caller.account);
  auto checked = check_request(request, account, settings);
  if (!checked) return fail(checked.error());
  const ServiceSettings* service = checked->service;
  const auto& addresses = checked->addresses;

  // What changes for others is theirs whether or not this is held.
  const bool suspected = request.needs_to_be_alone() && suspect_swapped_line(work, *request.heard);
  std::optional<store::Beside> beside;
  if (!request.needs_to_be_alone() && (!request.send || !account.checks_elsewhere(*request.send)))
    beside.emplace(work.tx);
  take_names(work, request, addresses);
  const bool needs_history = !addresses.empty() || request.send || work.context.rules != nullptr;
  TrustQuestion question;
  if (work.context.trust != nullptr) question = trust_question(work, request.risk, request.type, request.display);
  auto subject = store::ensure_subject(work.tx, work.context.vault, work.caller.account, request.identity,
                                       needs_history ? std::optional(service->id) : std::nullopt, work.moment,
                                       question.reads() ? &question.stored : nullptr);
  // Its id never changes.
  if (!work.tx.take(subject_key(work.caller.account, subject.id))) subject.history_content.reset();
  Caller with_locale = work.caller;
  with_locale.locale = request.locale;
  auto given = give_contacts({work.tx, work.context, with_locale, work.moment}, request, *service, addresses, subject);
  if (!given) {
    work.tx.abandon();
    return fail(given.error());
  }

  const SecretString secret(to_base64url(work.moment.random.bytes(32)));
  store::TransactionRow row;
  row.state.id = TransactionId::make(work.moment);
  row.state.account = work.caller.account;
  row.state.service = service->id;
  row.state.subject = subject.id;
  row.state.policy = std::move(checked->policy);
  if (!subject.is_new && is_alerted(work, subject.id)) {
    if (!given->history) given->history = history_of(work, subject, service->id);
    row.state.policy = with_another_known_kind(std::move(row.state.policy), *given->history, given->held_at);
  }
  row.state.created_at = given->held_at;
  row.state.expires_at = work.moment.now + request.expires_in.value_or(settings.transactions.expires_in);
  row.type = request.type;
  row.locale = request.locale;
  const std::string display = canonical_json(domain::to_json(request.display));
  row.display_sealed = store::seal_display(work.context.vault, row.state.id, display, work.moment.random);
  row.display_hash = crypto::sha256(display);
  row.payload_hash = crypto::sha256(request.payload);
  row.binding_hash = binding_of(work.caller.account, row.state.id, row.display_hash, row.payload_hash);
  row.token_digest = work.context.vault.digester().token_digest("verify_url", secret.expose());
  if (!request.return_url.empty())
    row.return_url_sealed =
        store::seal_return_url(work.context.vault, row.state.id, request.return_url, work.moment.random);
  if (request.metadata)
    row.metadata_sealed = store::seal_metadata(work.context.vault, row.state.id, *request.metadata, work.moment.random);
  store::insert_payload(work.tx, work.context.vault, work.caller.account, row.state.id, request.payload,
                        work.moment.random);
  Facts facts;
  facts.text("type", row.type).text("binding", to_hex(row.binding_hash));
  if (request.heard) add_signals(facts, *request.heard, suspected, work.moment.now);
  record(work, "transaction.held", row.state, facts);
  if (work.context.rules != nullptr) {
    if (!given->history) given->history = history_of(work, subject, service->id);
    risk::Features known;
    if (request.heard) add_signals(known, *request.heard, work.moment.now);
    judge_hold(work,
               {*given->history, request.display, *service, methods_offered(*service), question, subject.trust,
                std::move(known)},
               row);
  }
  Held held{row.state.id, fmt::format("{}/verify/{}.{}", settings.public_url, row.state.id.text(), secret.expose()),
            row.state.expires_at, std::nullopt, row.state.status};
  const bool is_stopped = domain::why_not_open(row.state, work.moment.now).has_value();
  if (!request.send || is_stopped) {
    store::insert_transaction(work.tx, row);
    announce_stopped(work, row);
    return held;
  }
  if (!given->history) given->history = history_of(work, subject, service->id);
  auto started = start_with_hold(work, row, *given->history, *request.send);
  if (!started) {
    work.tx.abandon();
    return fail(std::move(started).error());
  }
  held.started = *std::move(started);
  store::insert_transaction(work.tx, row);
  return held;
}

}  // namespace countersign::usecase
