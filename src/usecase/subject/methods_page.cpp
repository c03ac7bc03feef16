#include "usecase/subject/methods_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "contact/masking.h"
#include "domain/change_title.h"
#include "domain/return_url.h"
#include "store/repository/counters.h"
#include "store/repository/factors.h"
#include "store/repository/subjects.h"
#include "usecase/audit_log.h"
#include "usecase/passkey/enrol.h"
#include "usecase/push/device.h"
#include "usecase/push/on_page.h"
#include "usecase/subject/notices.h"
#include "usecase/subject/operation.h"
#include "usecase/subject/recovery.h"
#include "usecase/subject/show.h"
#include "usecase/subject/standing.h"
#include "usecase/tally.h"
#include "usecase/transaction/page_terms.h"
#include "webauthn/aaguid.h"

namespace countersign::usecase {

namespace {

namespace standing = domain::standing;

constexpr domain::Rate kLinks{60, std::chrono::hours(1)};

/// The order of the page.
int place_of(domain::Kind kind) {
  switch (kind) {
    case domain::Kind::kPasskey:
      return 0;
    case domain::Kind::kAuthenticator:
      return 1;
    case domain::Kind::kDevice:
      return 2;
    case domain::Kind::kPhone:
      return 3;
    case domain::Kind::kEmail:
      return 4;
    case domain::Kind::kRecovery:
      return 5;
  }
  return 6;
}

/// Its noon, which is on that day in nearly every zone.
WallTime day_of(std::uint64_t day) { return WallTime(std::chrono::hours(24 * static_cast<std::int64_t>(day) + 12)); }

void describe_factor(MethodView& view, const store::Vault& vault, const store::FactorRow& row) {
  view.name = store::open_name(vault, row);
  view.is_disabled = row.state.failures.disabled;
  if (const auto record = passkey_record_of(vault, row)) {
    view.provider = webauthn::authenticator_name(record->aaguid).value_or("");
    view.synced = record->backup_eligible;
    if (record->used_day > 0) view.used_at = day_of(record->used_day);
  }
  if (const auto device = push_device_of(vault, row)) {
    view.subscribed = device->subscription.has_value();
    if (device->used_day > 0) view.used_at = day_of(device->used_day);
  }
  if (row.state.type == domain::Method::kTotp && row.state.last_step)
    view.used_at = WallTime(std::chrono::seconds(*row.state.last_step * row.totp.period_seconds));
  if (row.state.type == domain::Method::kRecoveryCode) view.codes_left = recovery_set_of(vault, row).left();
}

void describe_contact(MethodView& view, const Context& context, const ServiceSettings* service,
                      const std::vector<store::ContactRow>& contacts) {
  for (const auto& contact : contacts) {
    view.masked = contact::mask_contact(store::open_address(context.vault, contact).expose());
    if (service != nullptr && service->provider_for(contact.channel) != nullptr &&
        std::ranges::find(view.channels, contact.channel) == view.channels.end())
      view.channels.push_back(contact.channel);
  }
}

/// Whether a policy of the service takes devices: else one is of no use.
bool is_taken(const Context& context, const ServiceSettings* service) {
  return service != nullptr && std::ranges::any_of(service->policies, [&](const std::string& name) {
           const auto policy = context.settings.policies.find(name);
           return policy != context.settings.policies.end() && policy->second.any_of.contains(domain::Method::kPush);
         });
}

}  // namespace

Answer<MethodsPage> open_methods_page(const Work& work, const SubjectAt& subject, const MethodsPageRequest& page) {
  if (auto fault = page_terms_fault(page.return_url, page.locale)) return fail(*std::move(fault));
  const auto service = service_named(work.context, work.caller, subject.service);
  if (!service) return fail(service.error());
  if (!page.return_url.empty() && !domain::may_return_to((*service)->return_urls, page.return_url))
    return refuse_field("return_url", "is none of those that the service allows");
  const auto history = history_of(work, subject);
  if (!history) return fail(history.error());
  const std::string counter = "methods page " + std::string(history->subject.bytes());
  if (!store::count_in_counter(work.tx, work.caller.account, counter, kLinks, work.moment.now)) {
    note_limit(work.tx, work.context, work.caller.account, "methods_pages");
    return fail(Problem{Code::kRateLimited, "the page was opened too often", "", kLinks.per});
  }
  OperationTerms terms;
  terms.account = work.caller.account;
  terms.service = history->service;
  terms.subject = history->subject;
  terms.locale = page.locale;
  terms.purpose = domain::Purpose::kShowMethods;
  terms.shown.title = domain::methods_title(
      page.locale.empty() ? locale_of(work.tx, work.caller, history->subject, **service) : page.locale);
  terms.back = page.return_url;
  const SecretString secret(to_base64url(work.moment.random.bytes(32)));
  auto row = new_operation(work.context, terms, secret, work.moment.now, work.moment);
  row.state.expires_at = work.moment.now + kMethodsPageLife;
  store::insert_transaction(work.tx, row);
  record(work, "source.page_opened", row.state, {});
  return MethodsPage{
      row.state.id,
      fmt::format("{}/methods/{}.{}", work.context.settings.public_url, row.state.id.text(), secret.expose()),
      row.state.expires_at};
}

MethodsView methods_for_person(store::Tx& tx, const Context& context, const store::TransactionRow& page, WallTime now) {
  const auto& held = page.state;
  const ServiceSettings* service = context.settings.account(held.account).service(held.service);
  const auto history = load_history(tx, context, held.account, held.subject, held.service);
  const WallTime at = standing_now(history, now);
  const auto& rules = standing_rules(context, held.account, held.service);
  const auto factors = store::factors_of(tx, held.account, held.subject);
  const auto contacts = store::contacts_of(tx, held.account, held.subject);
  MethodsView out;
  const Changer who{held.account, held.service, held.subject};
  out.may_change = policy_by_established(tx, context, who, history, now).has_value();
  out.needs_pin = !out.may_change && lacks_verification(tx, context, who, history, now);
  for (const auto& binding : history.bindings) {
    // What another service shares is changed there. [STD-12]
    if (binding.gone || binding.shared || standing::replaced_at(history, binding, at)) continue;
    MethodView view;
    view.binding = binding.id;
    view.kind = binding.kind;
    view.added_at = binding.bound_at;
    view.counts = standing::counts(history, binding, at, at);
    view.is_leaving = binding.leaving.has_value();
    view.leaves_at = standing::leaves_at(binding);
    if (binding.not_removed_at && at - *binding.not_removed_at <= rules.remember)
      view.not_removed_at = binding.not_removed_at;
    if (domain::is_contact(binding.kind)) {
      std::vector<store::ContactRow> own;
      std::ranges::copy_if(contacts, std::back_inserter(own),
                           [&](const auto& contact) { return contact.address_id.id == binding.source; });
      if (own.empty()) continue;
      describe_contact(view, context, service, own);
    } else {
      const auto row = std::ranges::find(factors, binding.source, [](const auto& f) { return f.state.id.id; });
      if (row == factors.end() || row->state.status == domain::FactorStatus::kRemoved) continue;
      describe_factor(view, context.vault, *row);
      const auto why = standing::may_not_leave(history, binding, rules, at);
      view.may_be_renamed = out.may_change && binding.kind != domain::Kind::kRecovery;
      view.may_be_removed = out.may_change && !why;
      view.is_last = why == standing::Refused::kLastOne;
      view.stays = why == standing::Refused::kStays;
      out.has_codes = out.has_codes || binding.kind == domain::Kind::kRecovery;
    }
    out.methods.push_back(std::move(view));
  }
  std::ranges::sort(out.methods, [](const MethodView& a, const MethodView& b) {
    return std::tuple(place_of(a.kind), b.added_at, b.binding) < std::tuple(place_of(b.kind), a.added_at, a.binding);
  });
  out.is_full = !has_room_for_factor(context, factors, held.service, now);
  out.may_add_app = out.may_add_codes = out.may_change && !out.is_full;
  const auto* passkeys = passkeys_of(context, held.account, held.service);
  out.may_add_passkey = out.may_add_app && passkeys != nullptr && passkeys->on_page;
  out.may_add_device =
      out.may_add_app && has_push_on_pages(context, held.account, held.service) && is_taken(context, service);
  return out;
}

std::optional<PasskeySignals> passkey_signals(store::Tx& tx, const Context& context, const store::TransactionRow& row) {
  const auto& held = row.state;
  const auto* settings = passkeys_of(context, held.account, held.service);
  if (settings == nullptr) return std::nullopt;
  PasskeySignals out;
  out.rp_id = settings->party.id;
  std::optional<store::FactorRow> newest;
  for (const auto& factor : store::factors_of(tx, held.account, held.subject)) {
    auto record = passkey_record_of(context.vault, factor);
    if (!record || record->rp_id != out.rp_id) continue;
    out.credentials.push_back(std::move(record->credential_id));
    if (!newest) newest = factor;
  }
  if (!newest) return std::nullopt;
  out.user_id = user_handle_of(context.vault, held.account, held.subject);
  const std::string identity = store::subject_identity(tx, context.vault, held.account, held.subject);
  out.name = account_label(tx, context, *newest, identity);
  return out;
}

}  // namespace countersign::usecase
