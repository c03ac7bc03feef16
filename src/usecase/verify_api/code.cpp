#include "usecase/verify_api/code.h"

#include <utility>

#include "domain/display.h"
#include "store/repository/counters.h"
#include "usecase/audit_log.h"
#include "usecase/outbox/carrier.h"
#include "usecase/transaction/held.h"
#include "usecase/verification/guessing.h"
#include "usecase/verification/judge.h"
#include "usecase/verification/prove.h"
#include "usecase/verify_api/address.h"
#include "usecase/verify_api/auto_channel.h"
#include "usecase/verify_api/locate.h"
#include "usecase/verify_api/test_number.h"
#include "usecase/verify_api/text.h"

namespace countersign::usecase::verify_api {

namespace {

constexpr std::string_view kAmount = "amount";

domain::Display display_of(const std::string& friendly_name, const std::string& amount, const std::string& payee) {
  domain::Display display;
  display.title = friendly_name;
  display.payee = payee;
  if (!amount.empty()) display.lines.push_back({std::string(kAmount), amount});
  return display;
}

/// Counts the request in every bucket of each limit it names; an unknown name counts nothing.
Verdict<Done> count_rate_limits(const Work& work, const StartCode& request) {
  for (const auto& [name, value] : request.rate_limits) {
    const auto limit =
        store::find_named(work.tx, work.context.vault, work.caller.account, "rate_limit", request.service.id, name);
    if (!limit) continue;
    for (const auto& bucket :
         store::list_resources(work.tx, work.context.vault, work.caller.account, "bucket", limit->id, {})) {
      const domain::Rate rate{json_integer(bucket.content, "max").value_or(0),
                              std::chrono::seconds(json_integer(bucket.content, "interval").value_or(1))};
      const std::string key =
          "bucket " + std::string(bucket.id.bytes()) + work.context.vault.digester().blind_index("rate limit", value);
      if (rate.max > 0 && store::count_in_counter(work.tx, work.caller.account, key, rate, work.moment.now)) continue;
      Refusal refusal{ErrorCode::kTooManyRequests, ""};
      refusal.retry_after =
          rate.max > 0 ? store::wait_for_counter(work.tx, work.caller.account, key, rate, work.moment.now) : rate.per;
      refusal.limit = name;
      return fail(std::move(refusal));
    }
  }
  return Done{};
}

/// What is wrong with the request for this service, if anything.
std::optional<Refusal> request_fault(const StartCode& request, const Service& service) {
  const bool psd2 = service.flag("psd2_enabled");
  const auto& channel = request.channel.channel;  // None with `auto`.
  if (psd2 && channel == contact::Channel::kCall) return Refusal{ErrorCode::kCallWithPsd2};
  if (psd2 && (request.amount.empty() || request.payee.empty())) return Refusal{ErrorCode::kAmountAndPayeeRequired};
  if (request.code && !service.flag("custom_code_enabled")) return Refusal{ErrorCode::kFeatureNotEnabled};
  if (!request.app_hash.empty() && channel && channel != contact::Channel::kSms)
    return Refusal{ErrorCode::kAppHashChannel};
  if (!request.friendly_name.empty() && !is_sender_name(request.friendly_name))
    return Refusal{ErrorCode::kInvalidParameter, "CustomFriendlyName"};
  if (!are_substitutions(request.substitutions))
    return Refusal{ErrorCode::kInvalidParameter, "TemplateCustomSubstitutions"};
  const bool text = !channel || channel == contact::Channel::kSms || channel == contact::Channel::kCall;
  if (request.templates_unreadable) return Refusal{ErrorCode::kTemplatesInvalid};
  if (request.template_sid && !text) return Refusal{ErrorCode::kTemplateChannel};
  return std::nullopt;
}

Verdict<std::optional<std::string>> template_text(const Work& work, const StartCode& request, const Service& service,
                                                  const std::string& locale) {
  const bool sms = request.channel.is_auto() || request.channel.channel == contact::Channel::kSms;
  const std::string wanted =
      request.template_sid ? *request.template_sid : (sms ? service.text("default_template_sid") : "");
  if (wanted.empty()) return std::optional<std::string>();
  const auto id = parse_id("HJ", wanted);
  const auto found =
      id ? store::find_resource(work.tx, work.context.vault, work.caller.account, "template", Id{}, *id) : std::nullopt;
  if (!found) {
    if (!request.template_sid) return std::optional<std::string>();  // The service's template was deleted since.
    return refuse(ErrorCode::kTemplateNotFound);
  }
  const auto& translations = found->content.at("translations").as_object();
  auto text = json_text(translations, locale);
  if (!text) text = json_text(translations, json_text(found->content, "default_locale").value_or("en"));
  if (!text) return std::optional<std::string>();
  if (auto missing = missing_substitution(*text, request.substitutions))
    return refuse(ErrorCode::kMissingSubstitutions, *std::move(missing));
  return std::optional<std::string>(*text);
}

/// The caller inserts it, with its code.
store::TransactionRow new_transaction(const Work& work, const StartCode& request, const Service& service,
                                      const SubjectId& recipient, const std::string& locale) {
  store::TransactionRow row;
  row.state.id = TransactionId::make(work.moment);
  row.state.account = work.caller.account;
  row.state.service = request.service;
  row.state.subject = recipient;
  row.state.purpose = domain::Purpose::kStandaloneCode;
  using domain::Method;
  row.state.policy.any_of = {Method::kSms, Method::kCall, Method::kWhatsapp, Method::kEmail};
  row.state.policy.email_alone = true;
  row.state.created_at = work.moment.now;
  row.state.expires_at = work.moment.now + service.settings.code_ttl;
  row.locale = locale;
  const auto& name = request.friendly_name.empty() ? service.settings.friendly_name : request.friendly_name;
  const auto display = canonical_json(domain::to_json(display_of(name, request.amount, request.payee)));
  row.display_sealed = store::seal_display(work.context.vault, row.state.id, display, work.moment.random);
  row.display_hash = payment_hash(request.amount, request.payee);
  row.payload_hash = crypto::sha256("");
  row.binding_hash = binding_of(row);
  // Nobody has the secret of a link: a standalone code has no page.
  row.token_digest = work.context.vault.digester().token_digest("verify_url", work.moment.random.bytes(32));
  return row;
}

Refusal code_refusal(const Problem& problem) {
  using enum Code;
  Refusal refusal{ErrorCode::kInvalidParameter, ""};
  refusal.retry_after = problem.retry_after;
  switch (problem.code) {
    case kSendsExhausted:
      refusal.fault = ErrorCode::kMaxSendAttempts;
      break;
    case kLocked:
    case kFactorUnusable:
    case kAttemptsExhausted:
      refusal.fault = ErrorCode::kMaxCheckAttempts;
      break;
    case kOptedOut:
      refusal.fault = ErrorCode::kOptedOut;
      break;
    case kAddressRefused:
      refusal.fault = ErrorCode::kLandline;
      break;
    case kNotAvailableNow:
      refusal.fault = ErrorCode::kDeliveryBlocked;
      break;
    case kSpendingStopped:
      refusal.fault = ErrorCode::kChannelDisabled;
      break;
    case kBudgetSpent:
    case kRateLimited:
    case kResendTooSoon:
    case kUpstreamUnavailable:
    case kNotSentYet:
      refusal.fault = ErrorCode::kTooManyRequests;
      break;
    default:
      refusal.fault = ErrorCode::kNotFound;
  }
  return refusal;
}

/// The windows of the recipient and of the number have error codes of their own.
Refusal sending_refusal(const Work& work, const Problem& problem, const domain::Limits& limits,
                        const store::ContactRow& contact) {
  Refusal refusal = code_refusal(problem);
  if (problem.code != Code::kRateLimited) return refusal;
  if (!domain::count_event(contact.sends, limits.sends_per_contact, work.moment.now).allowed ||
      !domain::count_event(contact.subject_sends, limits.sends_per_subject, work.moment.now).allowed) {
    refusal.fault = ErrorCode::kMaxSendAttempts;
    return refusal;
  }
  if (limits.sends_per_address.max == 0) return refusal;
  const auto window = store::find_address_window(work.tx, work.caller.account, contact.address_id);
  if (!domain::count_event(window, limits.sends_per_address, work.moment.now).allowed)
    refusal.fault = ErrorCode::kTooManyForNumber;
  return refusal;
}

/// What is not delivered costs nothing, and must not use up the limits of real sends.
domain::Limits limits_for(const Service& service) {
  domain::Limits limits = service.limits;
  if (service.test_code()) {
    limits.sends_per_contact = limits.sends_per_subject = limits.sends_per_address = {};
    limits.sends_per_ip = limits.sends_per_account = limits.sends_per_country = {};
    return limits;
  }
  return limits;
}

/// The application's code must satisfy the rules of our codes: not shorter than the configured minimum, and as long as
/// ours after many wrong guesses.
std::optional<Refusal> custom_code_fault(const StartCode& request, const Service& service, const Guard& guard,
                                         WallTime now) {
  if (!request.code || service.test_code()) return std::nullopt;
  const auto least = domain::needs_long_code(guard.state, service.limits.failures, now)
                         ? std::int64_t{domain::kSlowedCodeLength}
                         : domain::code_length_bounds(service.settings.loosened).least;
  if (static_cast<std::int64_t>(request.code->expose().size()) >= least) return std::nullopt;
  return Refusal{ErrorCode::kInvalidParameter, "CustomCode"};
}

CodeView with_status(CodeView view, domain::VerificationStatus status, WallTime now) {
  view.status = status;
  view.updated_at = now;
  return view;
}

/// The result of a judged code: after a wrong code the caller sees `pending`.
Verdict<CodeView> judged(const Answer<Approved>& answer, CodeView view, WallTime now) {
  if (answer) return with_status(std::move(view), domain::VerificationStatus::kApproved, now);
  if (answer.error().code == Code::kWrongCode)
    return with_status(std::move(view), domain::VerificationStatus::kPending, now);
  Refusal refusal = code_refusal(answer.error());
  refusal.keep = true;
  return fail(std::move(refusal));
}

}  // namespace

Verdict<CodeStarted> start_code(const Work& work, StartCode request) {
  const auto service = find_service(work, request.service);
  if (!service) return refuse(ErrorCode::kNotFound);
  if (auto fault = request_fault(request, *service)) return fail(*std::move(fault));
  const bool psd2 = service->flag("psd2_enabled");
  if (!psd2) request.amount = request.payee = "";
  if (request.friendly_name.empty()) request.friendly_name = service->settings.friendly_name;
  const auto test_code = service->test_code();
  const bool automatic = request.channel.is_auto();
  auto channels = automatic ? channels_of_number(*service, request.to, psd2) : std::vector<contact::Channel>();
  if (automatic && channels.empty()) {
    const auto number = address_for(contact::Channel::kCall, request.to, *service);
    return number ? refuse(ErrorCode::kAutoFailed) : fail(number.error());
  }
  auto channel = automatic ? channels.front() : *request.channel.channel;
  const ChannelProvider test_provider{"test", false};
  const ChannelProvider* provider = test_code ? &test_provider : service->settings.provider_for(channel);
  if (provider == nullptr) return refuse(ErrorCode::kChannelDisabled);
  const auto address = address_for(channel, request.to, *service);
  if (!address) return fail(address.error());
  const auto of_theirs = request.code ? std::optional(false) : std::nullopt;  // Nobody else sends a code of theirs.
  if (!test_code && !automatic)
    provider = choose_provider(work.context, service->settings, channel, address->address, of_theirs);
  if (provider->checks_codes && request.code && !automatic) return refuse(ErrorCode::kChannelDisabled);
  if (auto refusal = test_code ? test_refusal(address->address) : std::nullopt) return fail(*std::move(refusal));
  if (auto refusal =
          test_code ? count_test(work.tx, work.caller, "test starts", kTestStarts, work.moment.now) : std::nullopt)
    return fail(*std::move(refusal));
  const std::string locale = message_locale(request.locale, address->address);
  auto text = template_text(work, request, *service, locale);
  if (!text) return fail(text.error());

  const std::string payment = psd2 ? payment_hash(request.amount, request.payee) : "";
  const auto& [to, index_text] = *address;
  auto recipient = store::find_recipient(work.tx, work.context.vault, work.caller.account, request.service, index_text);
  auto known = recipient ? latest_code(work.tx, work.caller, *recipient, payment, work.moment.now) : std::nullopt;
  if (known && known->is_exhausted(work.moment.now)) return fail(exhausted(*known, work.moment.now));
  if (const auto counted = count_rate_limits(work, request); !counted) return fail(counted.error());
  const bool again =
      known && known->is_pending(work.moment.now) && (!psd2 || known->transaction.display_hash == payment);
  const WayTerms way_terms{.display_required = psd2, .codes_of_theirs = request.code.has_value()};
  if (automatic && !test_code) {
    const auto way = way_of_number(work, *service, channels, to, again ? &known->verification : nullptr, way_terms);
    if (!way) return refuse(ErrorCode::kAutoFailed);
    channel = way->channel;
    provider = way->provider;
  }
  const bool first = !recipient;
  if (first)
    recipient = store::insert_recipient(work.tx, work.context.vault, work.caller.account, request.service, to,
                                        index_text, work.moment);
  store::TransactionRow held =
      again ? known->transaction : new_transaction(work, request, *service, *recipient, locale);
  const auto ensure = first ? store::insert_first_contact : store::ensure_contact;
  auto contact = ensure(work.tx, work.context.vault,
                        {work.caller.account, *recipient, request.service, channel, to, index_text}, work.moment);
  if (automatic && !test_code && leave_out_hindered(channels, contact, work.moment.now)) {
    const auto way = way_of_number(work, *service, channels, to, again ? &known->verification : nullptr, way_terms);
    if (!way) return refuse(ErrorCode::kAutoFailed);
    if (std::exchange(channel, way->channel) != way->channel)
      contact = store::ensure_contact(work.tx, work.context.vault,
                                      {work.caller.account, *recipient, request.service, channel, to, index_text},
                                      work.moment);
    provider = way->provider;
  }
  const Guard guard = test_code ? Guard{} : guard_of(contact, true);
  if (const auto locked = lock_fault(guard.state.failures, work.moment.now)) return fail(code_refusal(*locked));
  if (auto fault = custom_code_fault(request, *service, guard, work.moment.now)) return fail(*std::move(fault));

  const domain::Limits limits = limits_for(*service);
  if (again && !test_code && !request.code && !automatic)
    provider = provider_for_start(work.context, service->settings, channel, to, known->verification);
  SendTerms terms{service->settings, limits, *provider};
  if (again) {
    terms.pending = known->verification;
    terms.pending->state = domain::by_channel(std::move(terms.pending->state), contact.id, channel);
    terms.pending->provider = provider->name;
  }
  terms.risk_check_disabled = !request.risk_check;
  if (channel == contact::Channel::kSms)
    terms.is_safe_listed = [&work, &number = address->address] {
      return store::find_named(work.tx, work.context.vault, work.caller.account, "safe_list", Id{}, number).has_value();
    };
  terms.code = request.code;
  if (test_code && !terms.code) terms.code = SecretString(*test_code);
  terms.deliver = !test_code;
  terms.display_required = psd2;
  if (!provider->checks_codes && !test_code) {
    for (const auto one : channels) terms.channels.push_back({one, std::nullopt});
  }
  if (psd2) {
    terms.amount = request.amount;
    terms.payee = request.payee;
  }
  terms.text = [&](contact::Channel by, const SecretString& code, int minutes) {
    const bool by_template = by == contact::Channel::kSms || (by == contact::Channel::kCall && request.template_sid);
    return code_text({by, locale, request.friendly_name, service->flag("do_not_share_warning_enabled"), request.amount,
                      request.payee, request.app_hash, by_template ? *text : std::nullopt, request.substitutions},
                     code, minutes);
  };
  auto started = send_code(work, held, contact, std::move(terms));
  if (!started) return fail(sending_refusal(work, started.error(), limits, contact));

  if (again)
    store::save_verifications(work.tx, held);
  else
    store::insert_transaction(work.tx, held);
  CodeStarted out{
      view_of(work.context, {std::move(held), std::move(started->verification)}, *service, to, work.moment.now),
      std::nullopt};
  if (!test_code) out.queued = std::move(started->queued);
  return out;
}

Verdict<std::variant<CodeView, CheckElsewhere>> check_code(const Work& work, const CheckCode& request) {
  using Out = std::variant<CodeView, CheckElsewhere>;
  const auto service = find_service(work, request.target.service);
  if (!service) return refuse(ErrorCode::kNotFound);
  const bool psd2 = service->flag("psd2_enabled");
  if (psd2 && (request.amount.empty() || request.payee.empty())) return refuse(ErrorCode::kAmountAndPayeeRequired);
  const std::string payment = psd2 ? payment_hash(request.amount, request.payee) : "";
  auto located = locate(work, request.target, payment);
  if (!located) return fail(located.error());
  auto contact = store::find_contact(work.tx, work.caller.account, located->verification.state.contact);
  if (!contact) return refuse(ErrorCode::kNotFound);
  const bool guarded = !service->test_code();
  const Guard guard = guard_of(*contact, true);
  if (const auto locked = lock_fault(guard.state.failures, work.moment.now); locked && guarded)
    return fail(code_refusal(*locked));

  std::string to = store::open_address(work.context.vault, *contact).expose();
  CodeView view = view_of(work.context, *located, *service, std::move(to), work.moment.now);
  // The payment of the check must be the payment of the start, or the digest differs.
  if (psd2) {
    located->transaction.display_hash = payment;
    located->transaction.binding_hash = binding_of(located->transaction);
  }
  JudgeTerms terms{service->settings, service->limits, request.code};
  terms.guarded = guarded;
  if (psd2) {
    terms.amount = request.amount;
    terms.payee = request.payee;
  }
  auto answer =
      judge_code(work, terms, std::move(located->transaction), std::move(located->verification), *std::move(contact));
  if (answer && std::holds_alternative<AskProvider>(*answer)) {
    return Out(CheckElsewhere{std::get<AskProvider>(*std::move(answer)), request.target.service});
  }
  const Answer<Approved> approved =
      answer ? Answer<Approved>(std::get<Approved>(*answer)) : Answer<Approved>(fail(answer.error()));
  return judged(approved, std::move(view), work.moment.now).transform([](CodeView v) { return Out(std::move(v)); });
}

Verdict<CodeView> conclude_code(const Work& work, const CheckElsewhere& asked,
                                const Result<delivery::VerifierVerdict, delivery::ProviderError>& verdict) {
  const auto service = find_service(work, asked.service);
  if (!service) return refuse(ErrorCode::kNotFound);
  const CodeTarget target{asked.service, asked.ask.verification, ""};
  const auto located = locate(work, target, "");
  if (!located) return fail(located.error());
  CodeView view = view_of(work.tx, work.context, *located, *service, work.moment.now);
  return judged(conclude_check(work, asked.ask, verdict), std::move(view), work.moment.now);
}

Verdict<CodeView> show_code(const Work& work, const CodeTarget& target) {
  const auto service = find_service(work, target.service);
  if (!service) return refuse(ErrorCode::kNotFound);
  const auto found = target.id ? code_by_id(work.tx, work.caller, target.service, *target.id) : std::nullopt;
  if (found) return view_of(work.tx, work.context, *found, *service, work.moment.now);
  const auto located = locate(work, target, "");
  if (!located && located.error().fault == ErrorCode::kMaxCheckAttempts) return refuse(ErrorCode::kNotFound);
  if (!located) return fail(located.error());
  return view_of(work.tx, work.context, *located, *service, work.moment.now);
}

Verdict<CodeView> end_code(const Work& work, const CodeTarget& target, bool approved) {
  const auto service = find_service(work, target.service);
  if (!service) return refuse(ErrorCode::kNotFound);
  auto located = locate(work, target, "");
  if (!located && located.error().fault == ErrorCode::kMaxCheckAttempts) return refuse(ErrorCode::kNotFound);
  if (!located) return fail(located.error());
  CodeView view = view_of(work.tx, work.context, *located, *service, work.moment.now);
  if (!approved) {
    if (!cancel_code(work, located->transaction.state.id)) return refuse(ErrorCode::kNotFound);
    return with_status(std::move(view), domain::VerificationStatus::kCanceled, work.moment.now);
  }
  auto contact = store::find_contact(work.tx, work.caller.account, located->verification.state.contact);
  if (!contact) return refuse(ErrorCode::kNotFound);
  auto& row = located->verification;
  auto reported = domain::approved_by_report(std::move(row.state), work.moment.now);
  if (!reported) return refuse(ErrorCode::kNotFound);
  row.state = *std::move(reported);
  store::put_verification(work.tx, located->transaction, row);
  record(work, "verification.reported", located->transaction.state, Facts().text("verification", row.state.id.text()));
  if (!service->test_code()) forget_failures(work.tx, work.caller.account, *contact, guard_of(*contact, true));
  const auto proved = prove_contact(work, std::move(located->transaction), *std::move(contact), row, false);
  if (!proved) return refuse(ErrorCode::kNotFound);
  return with_status(std::move(view), domain::VerificationStatus::kApproved, work.moment.now);
}

}  // namespace countersign::usecase::verify_api
