#include "usecase/verify/code.h"

#include "domain/display.h"
#include "store/repository/counters.h"
#include "usecase/gate.h"
#include "usecase/guessing.h"
#include "usecase/journal.h"
#include "usecase/judge_code.h"
#include "usecase/prove.h"
#include "usecase/verify/address.h"
#include "usecase/verify/locate.h"
#include "usecase/verify/test_number.h"
#include "usecase/verify/text.h"

namespace countersign::usecase::verify {

namespace {

constexpr std::string_view kAmount = "amount";

domain::Display display_of(const std::string& friendly_name, const std::string& amount, const std::string& payee) {
  domain::Display display;
  display.title = friendly_name;
  display.payee = payee;
  if (!amount.empty()) display.lines.push_back({std::string(kAmount), amount});
  return display;
}

/// Counts the request in every bucket of every limit that it names; one that is unknown counts nothing.
Verdict<Done> count_rate_limits(store::Tx& tx, const Context& context, const Caller& caller, const StartCode& request,
                                WallTime now) {
  for (const auto& [name, value] : request.rate_limits) {
    const auto limit = store::find_named(tx, context.vault, caller.account, "rate_limit", request.service.id, name);
    if (!limit) continue;
    for (const auto& bucket : store::list_resources(tx, context.vault, caller.account, "bucket", limit->id, {})) {
      const domain::Rate rate{json_integer(bucket.content, "max").value_or(0),
                              std::chrono::seconds(json_integer(bucket.content, "interval").value_or(1))};
      const std::string key =
          "bucket " + std::string(bucket.id.bytes()) + context.vault.digester().blind_index("rate limit", value);
      if (rate.max > 0 && store::count_in_counter(tx, caller.account, key, rate, now)) continue;
      Refusal refusal{Fault::kTooManyRequests, ""};
      refusal.retry_after = rate.max > 0 ? store::wait_for_counter(tx, caller.account, key, rate, now) : rate.per;
      refusal.limit = name;
      return fail(std::move(refusal));
    }
  }
  return Done{};
}

/// What is wrong with the request for this service.
std::optional<Refusal> request_fault(const StartCode& request, const Service& service) {
  const bool psd2 = service.flag("psd2_enabled");
  if (psd2 && request.channel == contact::Channel::kCall) return Refusal{Fault::kCallWithPsd2};
  if (psd2 && (request.amount.empty() || request.payee.empty())) return Refusal{Fault::kAmountAndPayeeRequired};
  if (request.code && !service.flag("custom_code_enabled")) return Refusal{Fault::kFeatureNotEnabled};
  if (!request.app_hash.empty() && request.channel != contact::Channel::kSms) return Refusal{Fault::kAppHashChannel};
  if (!request.friendly_name.empty() && !is_sender_name(request.friendly_name))
    return Refusal{Fault::kInvalidParameter, "CustomFriendlyName"};
  if (!are_substitutions(request.substitutions))
    return Refusal{Fault::kInvalidParameter, "TemplateCustomSubstitutions"};
  const bool text = request.channel == contact::Channel::kSms || request.channel == contact::Channel::kCall;
  if (request.templates_unreadable) return Refusal{Fault::kTemplatesInvalid};
  if (request.template_sid && !text) return Refusal{Fault::kTemplateChannel};
  return std::nullopt;
}

Verdict<std::optional<std::string>> template_text(store::Tx& tx, const Context& context, const Caller& caller,
                                                  const StartCode& request, const Service& service,
                                                  const std::string& locale) {
  const bool sms = request.channel == contact::Channel::kSms;
  const std::string wanted =
      request.template_sid ? *request.template_sid : (sms ? service.text("default_template_sid") : "");
  if (wanted.empty()) return std::optional<std::string>();
  const auto id = parse_id("HJ", wanted);
  const auto found = id ? store::find_resource(tx, context.vault, caller.account, "template", Id{}, *id) : std::nullopt;
  if (!found) {
    if (!request.template_sid) return std::optional<std::string>();  // The service's was deleted since.
    return refuse(Fault::kTemplateNotFound);
  }
  const auto& translations = found->content.at("translations").as_object();
  auto text = json_text(translations, locale);
  if (!text) text = json_text(translations, json_text(found->content, "default_locale").value_or("en"));
  if (!text) return std::optional<std::string>();
  if (auto missing = missing_substitution(*text, request.substitutions))
    return refuse(Fault::kMissingSubstitutions, *std::move(missing));
  return std::optional<std::string>(*text);
}

store::TransactionRow new_transaction(store::Tx& tx, const Context& context, const Caller& caller,
                                      const StartCode& request, const Service& service, const SubjectId& recipient,
                                      const std::string& locale, Moment& moment) {
  store::TransactionRow row;
  row.state.id = TransactionId::make(moment);
  row.state.account = caller.account;
  row.state.service = request.service;
  row.state.subject = recipient;
  using domain::Method;
  row.state.policy.any_of = {Method::kSms, Method::kCall, Method::kWhatsapp, Method::kEmail};
  row.state.policy.email_alone = true;
  row.state.created_at = moment.now;
  row.state.expires_at = moment.now + service.settings.code_ttl;
  row.type = store::kCodeAlone;
  row.locale = locale;
  const auto& name = request.friendly_name.empty() ? service.settings.friendly_name : request.friendly_name;
  const auto display = canonical_json(domain::to_json(display_of(name, request.amount, request.payee)));
  row.display_sealed = store::seal_display(context.vault, row.state.id, display, moment.random);
  row.display_hash = payment_hash(request.amount, request.payee);
  row.payload_hash = crypto::sha256("");
  row.binding_hash = binding_of(row);
  // Nobody has the link's secret: there is no page for it.
  row.token_digest = context.vault.digester().token_digest("verify_url", moment.random.bytes(32));
  store::insert_transaction(tx, row);
  return row;
}

Refusal code_refusal(const Problem& problem) {
  using enum Code;
  Refusal refusal{Fault::kInvalidParameter, ""};
  refusal.retry_after = problem.retry_after;
  switch (problem.code) {
    case kSendsExhausted:
      refusal.fault = Fault::kMaxSendAttempts;
      break;
    case kLocked:
    case kFactorUnusable:
    case kAttemptsExhausted:
      refusal.fault = Fault::kMaxCheckAttempts;
      break;
    case kRateLimited:
    case kResendTooSoon:
    case kUpstreamUnavailable:
    case kNotSentYet:
      refusal.fault = Fault::kTooManyRequests;
      break;
    default:
      refusal.fault = Fault::kNotFound;
  }
  return refusal;
}

/// The windows of the recipient and of the number have codes of their own.
Refusal sending_refusal(store::Tx& tx, const AccountId& account, const Problem& problem, const Limits& limits,
                        const store::ContactRow& contact, WallTime now) {
  Refusal refusal = code_refusal(problem);
  if (problem.code != Code::kRateLimited) return refusal;
  if (!domain::count_event(contact.sends, limits.sends_per_contact, now).allowed ||
      !domain::count_event(contact.subject_sends, limits.sends_per_subject, now).allowed) {
    refusal.fault = Fault::kMaxSendAttempts;
    return refusal;
  }
  if (limits.sends_per_address.max == 0) return refusal;
  const auto window = store::find_address_window(tx, account, contact.address_id);
  if (!domain::count_event(window, limits.sends_per_address, now).allowed) refusal.fault = Fault::kTooManyForNumber;
  return refusal;
}

/// What nobody is sent costs nobody anything, and must not use up what others may send.
Limits limits_for(store::Tx& tx, const Context& context, const Caller& caller, const StartCode& request,
                  const Service& service, const std::string& address) {
  Limits limits = service.limits;
  if (service.test_code()) {
    limits.sends_per_contact = limits.sends_per_subject = limits.sends_per_address = {};
    limits.sends_per_ip = limits.sends_per_account = limits.sends_per_country = {};
    return limits;
  }
  if (limits.sends_per_country.max == 0 || !contact::uses_phone(request.channel)) return limits;
  const bool listed = request.channel == contact::Channel::kSms &&
                      store::find_named(tx, context.vault, caller.account, "safe_list", Id{}, address);
  if (listed || !request.risk_check) limits.sends_per_country = {};
  return limits;
}

/// The application's own code is held to what ours are: no shorter than the configuration lets it be, and as long as
/// ours where many guesses were wrong.
std::optional<Refusal> custom_code_fault(const StartCode& request, const Service& service, const Guard& guard,
                                         WallTime now) {
  if (!request.code || service.test_code()) return std::nullopt;
  const auto least = domain::needs_long_code(guard.state, service.limits.failures, now)
                         ? std::int64_t{domain::kSlowedCodeLength}
                         : domain::code_length_bounds(service.settings.loosened).least;
  if (static_cast<std::int64_t>(request.code->expose().size()) >= least) return std::nullopt;
  return Refusal{Fault::kInvalidParameter, "CustomCode"};
}

CodeView with_status(CodeView view, domain::VerificationStatus status, WallTime now) {
  view.status = status;
  view.updated_at = now;
  return view;
}

/// The last word on a judged code: wrong ones stay pending as long as the caller is to know.
Verdict<CodeView> judged(const Answer<Approved>& answer, CodeView view, WallTime now) {
  if (answer) return with_status(std::move(view), domain::VerificationStatus::kApproved, now);
  if (answer.error().code == Code::kWrongCode)
    return with_status(std::move(view), domain::VerificationStatus::kPending, now);
  Refusal refusal = code_refusal(answer.error());
  refusal.keep = true;
  return fail(std::move(refusal));
}

}  // namespace

Verdict<CodeStarted> start_code(store::Tx& tx, const Context& context, const Caller& caller, StartCode request,
                                Moment& moment) {
  const auto service = find_service(tx, context, caller, request.service);
  if (!service) return refuse(Fault::kNotFound);
  if (auto fault = request_fault(request, *service)) return fail(*std::move(fault));
  const bool psd2 = service->flag("psd2_enabled");
  if (!psd2) request.amount = request.payee = "";
  if (request.friendly_name.empty()) request.friendly_name = service->settings.friendly_name;
  const auto test_code = service->test_code();
  const Road test_road{"test", false};
  const Road* road = test_code ? &test_road : service->settings.road(request.channel);
  if (road == nullptr) return refuse(Fault::kChannelDisabled);
  const auto address = address_for(request.channel, request.to, *service);
  if (!address) return fail(address.error());
  if (!test_code) road = service->settings.road(request.channel, address->address);
  if (road->checks_codes && request.code) return refuse(Fault::kChannelDisabled);
  if (auto refusal = test_code ? test_refusal(address->address) : std::nullopt) return fail(*std::move(refusal));
  if (auto refusal = test_code ? count_test(tx, caller, "test starts", kTestStarts, moment.now) : std::nullopt)
    return fail(*std::move(refusal));
  const std::string locale = message_locale(request.locale, address->address);
  auto text = template_text(tx, context, caller, request, *service, locale);
  if (!text) return fail(text.error());

  const std::string payment = psd2 ? payment_hash(request.amount, request.payee) : "";
  const auto& [to, index_text] = *address;
  auto recipient = store::find_recipient(tx, context.vault, caller.account, request.service, index_text);
  auto known = recipient ? latest_code(tx, caller, *recipient, payment, moment.now) : std::nullopt;
  if (known && known->is_exhausted(moment.now)) return fail(exhausted(*known, moment.now));
  if (const auto counted = count_rate_limits(tx, context, caller, request, moment.now); !counted)
    return fail(counted.error());
  const bool again = known && known->is_pending(moment.now) && (!psd2 || known->transaction.display_hash == payment);
  const bool first = !recipient;
  if (first)
    recipient = store::insert_recipient(tx, context.vault, caller.account, request.service, to, index_text, moment);
  const store::TransactionRow held =
      again ? known->transaction : new_transaction(tx, context, caller, request, *service, *recipient, locale, moment);
  const auto ensure = first ? store::insert_first_contact : store::ensure_contact;
  const auto contact =
      ensure(tx, context.vault, caller.account, *recipient, request.service, request.channel, to, index_text, moment);
  const Guard guard = test_code ? Guard{} : guard_of(contact, true);
  if (const auto locked = lock_fault(guard.state.failures, moment.now)) return fail(code_refusal(*locked));
  if (auto fault = custom_code_fault(request, *service, guard, moment.now)) return fail(*std::move(fault));

  const Limits limits = limits_for(tx, context, caller, request, *service, address->address);
  SendTerms terms{service->settings, limits, *road};
  if (again) {
    terms.pending = known->verification;
    terms.pending->state.contact = contact.id;
    terms.pending->state.channel = request.channel;
    terms.pending->provider = road->provider;
  }
  terms.code = request.code;
  if (test_code && !terms.code) terms.code = SecretString(*test_code);
  terms.deliver = !test_code;
  if (psd2) {
    terms.amount = request.amount;
    terms.payee = request.payee;
  }
  const TextRequest wording{
      request.channel,      locale,        request.friendly_name, service->flag("do_not_share_warning_enabled"),
      request.amount,       request.payee, request.app_hash,      *text,
      request.substitutions};
  terms.text = [&wording](const SecretString& code, int minutes) { return code_text(wording, code, minutes); };
  auto started = send_code(tx, context, caller, held, contact, std::move(terms), moment);
  if (!started) return fail(sending_refusal(tx, caller.account, started.error(), limits, contact, moment.now));

  const store::Sending sending{started->message, request.channel, moment.now};
  if (again) store::note_sending(tx, started->verification, sending);
  CodeStarted out{view_without_sendings(context, {held, std::move(started->verification)}, *service, to, moment.now),
                  std::nullopt};
  out.view.sendings = again ? store::sendings_of(tx, caller.account, out.view.id) : std::vector{sending};
  if (!test_code) out.queued = std::move(started->queued);
  return out;
}

Verdict<std::variant<CodeView, CheckElsewhere>> check_code(store::Tx& tx, const Context& context, const Caller& caller,
                                                           const CheckCode& request, Moment& moment) {
  using Out = std::variant<CodeView, CheckElsewhere>;
  const auto service = find_service(tx, context, caller, request.target.service);
  if (!service) return refuse(Fault::kNotFound);
  const bool psd2 = service->flag("psd2_enabled");
  if (psd2 && (request.amount.empty() || request.payee.empty())) return refuse(Fault::kAmountAndPayeeRequired);
  const std::string payment = psd2 ? payment_hash(request.amount, request.payee) : "";
  auto located = locate(tx, context, caller, request.target, payment, moment.now);
  if (!located) return fail(located.error());
  auto contact = store::find_contact(tx, caller.account, located->verification.state.contact);
  if (!contact) return refuse(Fault::kNotFound);
  const bool guarded = !service->test_code();
  const Guard guard = guard_of(*contact, true);
  if (const auto locked = lock_fault(guard.state.failures, moment.now); locked && guarded)
    return fail(code_refusal(*locked));

  std::string to = store::open_address(context.vault, *contact).expose();
  CodeView view = view_without_sendings(context, *located, *service, std::move(to), moment.now);
  // A payment that is checked is the payment that was asked about, or the digest is another one.
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
  auto answer = judge_code(tx, context, caller, terms, std::move(located->transaction),
                           std::move(located->verification), *std::move(contact), moment);
  if (answer && std::holds_alternative<AskProvider>(*answer)) {
    return Out(CheckElsewhere{std::get<AskProvider>(*std::move(answer)), request.target.service});
  }
  const Answer<Approved> approved =
      answer ? Answer<Approved>(std::get<Approved>(*answer)) : Answer<Approved>(fail(answer.error()));
  return judged(approved, std::move(view), moment.now).transform([](CodeView v) { return Out(std::move(v)); });
}

Verdict<CodeView> conclude_code(store::Tx& tx, const Context& context, const Caller& caller,
                                const CheckElsewhere& asked,
                                const Result<delivery::VerifierVerdict, delivery::ProviderError>& verdict,
                                Moment& moment) {
  const auto service = find_service(tx, context, caller, asked.service);
  if (!service) return refuse(Fault::kNotFound);
  const CodeTarget target{asked.service, asked.ask.verification, ""};
  const auto located = locate(tx, context, caller, target, "", moment.now);
  if (!located) return fail(located.error());
  CodeView view = view_of(tx, context, *located, *service, moment.now);
  return judged(conclude_check(tx, context, caller, asked.ask, verdict, moment), std::move(view), moment.now);
}

Verdict<CodeView> show_code(store::Tx& tx, const Context& context, const Caller& caller, const CodeTarget& target,
                            WallTime now) {
  const auto service = find_service(tx, context, caller, target.service);
  if (!service) return refuse(Fault::kNotFound);
  const auto found = target.id ? code_by_id(tx, caller, target.service, *target.id) : std::nullopt;
  if (found) return view_of(tx, context, *found, *service, now);
  const auto located = locate(tx, context, caller, target, "", now);
  if (!located && located.error().fault == Fault::kMaxCheckAttempts) return refuse(Fault::kNotFound);
  if (!located) return fail(located.error());
  return view_of(tx, context, *located, *service, now);
}

Verdict<CodeView> end_code(store::Tx& tx, const Context& context, const Caller& caller, const CodeTarget& target,
                           bool approved, Moment& moment) {
  const auto service = find_service(tx, context, caller, target.service);
  if (!service) return refuse(Fault::kNotFound);
  auto located = locate(tx, context, caller, target, "", moment.now);
  if (!located && located.error().fault == Fault::kMaxCheckAttempts) return refuse(Fault::kNotFound);
  if (!located) return fail(located.error());
  CodeView view = view_of(tx, context, *located, *service, moment.now);
  if (!approved) {
    if (!cancel_code(tx, context, caller, located->transaction.state.id, moment)) return refuse(Fault::kNotFound);
    return with_status(std::move(view), domain::VerificationStatus::kCanceled, moment.now);
  }
  auto contact = store::find_contact(tx, caller.account, located->verification.state.contact);
  if (!contact) return refuse(Fault::kNotFound);
  auto& row = located->verification;
  row.state.status = domain::VerificationStatus::kApproved;
  row.state.code.reset();
  row.state.previous_code.reset();
  store::save_verification(tx, row);
  record(tx, context, caller, "verification.reported", located->transaction.state,
         Facts().text("verification", row.state.id.text()), moment);
  if (!service->test_code()) forget_failures(tx, caller.account, *contact, guard_of(*contact, true));
  const auto proved = prove_contact(tx, context, caller, std::move(located->transaction), *std::move(contact), moment);
  if (!proved) return refuse(Fault::kNotFound);
  return with_status(std::move(view), domain::VerificationStatus::kApproved, moment.now);
}

}  // namespace countersign::usecase::verify
