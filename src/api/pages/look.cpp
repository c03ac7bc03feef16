#include <fmt/format.h>

#include "api/client.h"
#include "api/pages/forms.h"
#include "api/pages/show_page.h"
#include "base/encoding.h"
#include "crypto/digest.h"

namespace countersign::api::pages {

namespace {

/// Whether the person proved in this browser: by a form of hers, or on a device that the number of this browser's page
/// was typed into.
bool proved_from(const Site& site, const Visit& visit, const usecase::PersonView& view) {
  // The browser's own time is the machine's.
  if (site.sessions.has_proved(visit.request, visit.id, visit.browser, site.api.clock.now())) return true;
  return view.prompt && view.prompt->status == domain::PromptStatus::kApproved &&
         site.sessions.has_asked(visit.request, visit.id, visit.browser, view.prompt->id);
}

}  // namespace

std::optional<Seen> look(store::Tx& tx, const Site& site, const Visit& visit) {
  const auto row = row_of(tx, site, visit);
  if (!row) return std::nullopt;
  const WallTime now = site.api.moment(tx, row->state.account).now;
  Seen seen{usecase::view_for_person(tx, site.api.context, *row, now), now, std::nullopt, std::nullopt};
  const auto factor = site.sessions.check_enrolment_token(visit.enrol, visit.id, visit.browser);
  if (factor && seen.view.adds == domain::Method::kRecoveryCode) {
    const auto& held = row->state;
    seen.codes = usecase::waiting_codes(tx, site.api.context, held.account, held.subject, *factor, now);
  } else if (factor) {
    auto enrolment = usecase::show_enrolment(tx, site.api.context, *row, *factor, now);
    if (enrolment) seen.enrolment = *std::move(enrolment);
  }
  if (row->state.purpose == domain::Purpose::kShowMethods)
    seen.methods = usecase::methods_for_person(tx, site.api.context, *row, now);
  if (visit.approval) {
    seen.approval = usecase::prompt_for_device(site.api.context, *row, visit.secret.expose(), now);
    if (!seen.approval->asker.empty())
      seen.same_network =
          usecase::is_asker(site.api.context, *seen.approval, client_of(visit.request, site.api.trusted_proxies));
    return seen;
  }
  if (seen.view.adds == domain::Method::kPush && may_enrol_from(site, visit, seen.view)) {
    for (const auto& id : usecase::device_ids(tx, site.api.context, row->state.account, row->state.subject))
      seen.known_devices.append(seen.known_devices.empty() ? "" : " ").append(id.text());
  }
  seen.asked_here =
      seen.view.prompt && site.sessions.has_asked(visit.request, visit.id, visit.browser, seen.view.prompt->id);
  // Only behind a proof in this browser: nobody else makes it forget or rename a passkey.
  const bool proved = !visit.methods && proved_from(site, visit, seen.view);
  seen.just_proved = proved && !site.sessions.has_proved(visit.request, visit.id, visit.browser, site.api.clock.now());
  seen.proved_here = proved;
  if (proved && seen.view.verified_at) seen.signals = usecase::passkey_signals(tx, site.api.context, *row);
  return seen;
}

bool may_enrol_from(const Site& site, const Visit& visit, const usecase::PersonView& view) {
  return view.may_enrol && (!view.enrol_needs_proof || proved_from(site, visit, view));
}

std::string state_word(const usecase::PersonView& view) { return std::string(domain::to_text(view.status)); }

std::string revision_of(const usecase::PersonView& view) {
  std::string all = fmt::format("{} {} {} {}", domain::to_text(view.status), view.judgement.kinds_proven,
                                view.reachable, view.may_enrol);
  if (view.stopped) all += fmt::format(" {} {}", view.stopped->binding.text(), view.stopped->may_decide);
  for (const auto& way : view.ways) {
    all += fmt::format(" {} {} {} {}", way.id, way.failures, way.usable(), way.counts);
    if (way.send_from) all += " waits";
    if (way.method == domain::Method::kPush && view.prompt)
      all += fmt::format(" {} {} {}", view.prompt->id, domain::to_text(view.prompt->status), view.prompt->wrong);
    if (way.unreachable) all += fmt::format(" {}", domain::to_text(*way.unreachable));
    if (way.sent) {
      all += fmt::format(" {} {} {} {}", domain::to_text(way.sent->status), way.sent->sends, way.sent->attempts_left,
                         way.sent->send_fault.value_or(""));
    }
  }
  return to_hex(crypto::sha256(all).substr(0, 6));
}

}  // namespace countersign::api::pages
