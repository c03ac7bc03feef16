#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/text.h"
#include "demo/brazil/banks.h"
#include "demo/pages/pages.h"
#include "demo/pages/progress.h"
#include "demo/steps/account.h"
#include "demo/steps/event.h"
#include "demo/steps/payout.h"

// The three steps with fields. A form is stored as typed, valid or not, and answered with a redirect; the next GET
// shows what is stored. So refresh, back and a restart of this program show the same.
namespace countersign::demo {

namespace {

constexpr std::size_t kTypedMax = 500;  // Longer than any valid field; the rest is cut.

struct Input {
  std::string_view name;
  std::string_view type = "text";
  std::string_view input_mode = "text";
  std::string_view autocomplete = "off";
};

constexpr std::array kAccountInputs{Input{"name", "text", "text", "name"}, Input{"email", "email", "email", "email"},
                                    Input{"mobile", "tel", "tel", "tel"}, Input{"document"}};
constexpr std::array kEventInputs{Input{"event"}, Input{"date", "date"}, Input{"time", "time"}, Input{"venue"},
                                  Input{"postal_code", "text", "numeric", "postal-code"}};
constexpr std::array kLotInputs{Input{"name"}, Input{"price", "text", "decimal"}, Input{"tickets", "text", "numeric"}};
constexpr std::array kPayoutInputs{Input{"pix_key"}, Input{"bank"}, Input{"branch", "text", "numeric"},
                                   Input{"account"}, Input{"iban"}};

/// The content of a step's page: the input and its errors.
struct StepView {
  const Visit& visit;
  const Fields& fields;
  const std::vector<FieldError>& faults;

  [[nodiscard]] std::string fault_of(std::string_view name) const {
    for (const auto& fault : faults) {
      if (fault.field == name) return visit.text(fault.text, fault.with);
    }
    return "";
  }

  /// `label` names the texts, which the three lots share.
  [[nodiscard]] html::Object input(const Input& input, std::string_view label, std::string_view id) const {
    const std::string hint = fmt::format("hint.{}", label);
    const bool has_hint = visit.language.has(hint);
    const std::string fault = fault_of(id);
    return {{"id", id},
            {"label", visit.text(fmt::format("label.{}", label))},
            {"hint", has_hint ? visit.text(hint) : ""},
            {"fault", fault},
            {"described", fmt::format("{}{}", has_hint ? fmt::format("{}-hint ", id) : "",
                                      fault.empty() ? "" : fmt::format("{}-fault", id))},
            {"value", field(fields, id)},
            {"type", input.type},
            {"input_mode", input.input_mode},
            {"autocomplete", input.autocomplete},
            {"list", id == "bank" ? "banks" : ""}};
  }

  void add_inputs(html::Object& values, std::span<const Input> inputs) const {
    for (const auto& one : inputs) values.insert_or_assign(std::string(one.name), input(one, one.name, one.name));
  }

  [[nodiscard]] html::Object choice(std::string_view name, std::span<const std::string_view> options) const {
    html::List list;
    for (const auto option : options) {
      list.push_back({{"id", option == options.front() ? std::string(name) : fmt::format("{}-{}", name, option)},
                      {"name", name},
                      {"value", option},
                      {"label", visit.text(fmt::format("{}.{}", name, option))},
                      {"checked", field(fields, name) == option}});
    }
    return {{"legend", visit.text(fmt::format("label.{}", name))},
            {"id", name},
            {"fault", fault_of(name)},
            {"options", std::move(list)}};
  }

  /// A choice among the matching banks; empty if there is one match or none.
  [[nodiscard]] html::List bank_choice() const {
    html::List options;
    const auto banks = Banks::built_in().alike(field(fields, "bank"));
    for (const auto& bank : banks) {
      options.push_back({{"id", options.empty() ? std::string("bank_choice") : "bank_choice-" + bank.ispb},
                         {"name", "bank_choice"},
                         {"value", bank.ispb},
                         {"label", fmt::format("{} · {}", bank.compe, bank.name)},
                         {"checked", field(fields, "bank_choice") == bank.ispb}});
    }
    if (options.empty()) return {};
    return {{{"legend", visit.text("label.bank_choice")},
             {"id", "bank_choice"},
             {"fault", fault_of("bank_choice")},
             {"options", std::move(options)}}};
  }

  [[nodiscard]] html::List summary() const {
    html::List list;
    for (const auto& fault : faults)
      list.push_back({{"href", "#" + fault.field}, {"text", visit.text(fault.text, fault.with)}});
    return list;
  }

  [[nodiscard]] http::Response page(std::string_view name, html::Object values, int number) const {
    const std::string title = visit.text(fmt::format("step.{}", name));
    const std::string step = visit.step_text(number);
    const bool not_taken = visit.request.method == http::Method::kPost;
    const bool is_error = !faults.empty() || not_taken || visit.was_sent_without_cookies();
    values.insert({{"heading", title},
                   {"step", step},
                   {"title", (is_error ? visit.text("error.prefix") : "") + title + (step.empty() ? "" : " · " + step)},
                   {"faults_there", !faults.empty()},
                   {"faults", summary()}});
    if (not_taken) values.insert({"notice", visit.text(visit.has_cookie ? "notice.stale_form" : "notice.no_cookies")});
    return visit.page(fmt::format("step_{}", name), std::move(values));
  }
};

/// The fields of a form, without those that every form has.
Fields typed_fields(const Visit& visit) {
  Fields fields;
  for (const auto& [name, value] : visit.form.fields) {
    if (name != "form_token" && name.size() <= 40) fields.emplace(name, value.substr(0, kTypedMax));
  }
  // A cut inside a character makes it invalid.
  std::erase_if(fields, [](const auto& one) { return !is_utf8(one.second); });
  return fields;
}

Draft draft_of(const Visit& visit) {
  return visit.organizer ? load_draft(visit.desk.database, *visit.organizer, visit.visitor) : Draft{};
}

/// The fields to show: the stored ones; for a form that is not genuine, that form's, so that no input is lost.
Fields shown_fields(const Visit& visit, const std::optional<Fields>& kept) {
  if (visit.request.method == http::Method::kPost) return typed_fields(visit);
  return kept.value_or(Fields{});
}

http::Response show_account(Visit& visit) {
  const auto kept = draft_of(visit).account;
  const Fields fields = shown_fields(visit, kept);
  const auto faults = kept ? check_account(fields).faults : std::vector<FieldError>{};
  const StepView view{visit, fields, faults};
  html::Object values;
  view.add_inputs(values, kAccountInputs);
  return view.page("account", std::move(values), 1);
}

html::List lot_views(const StepView& view) {
  html::List lots;
  for (int number = 1; number <= kLotsMax; ++number) {
    html::List inputs;
    bool used = false;
    for (const auto& one : kLotInputs) {
      used = used || !field(view.fields, fmt::format("lot{}_{}", number, one.name)).empty();
      inputs.push_back(view.input(one, fmt::format("lot_{}", one.name), fmt::format("lot{}_{}", number, one.name)));
    }
    lots.push_back({{"legend", view.visit.text("lot.number", {{"number", std::to_string(number)}})},
                    {"optional", number > 1},
                    {"used", used},
                    {"inputs", std::move(inputs)}});
  }
  return lots;
}

http::Response show_event(Visit& visit) {
  const auto kept = draft_of(visit).event;
  const Fields fields = shown_fields(visit, kept);
  const auto faults = kept ? check_event(fields, visit.desk.clock.now()).faults : std::vector<FieldError>{};
  const StepView view{visit, fields, faults};
  html::Object values;
  view.add_inputs(values, kEventInputs);
  values.insert({"lots", lot_views(view)});
  return view.page("event", std::move(values), 2);
}

http::Response show_payout(Visit& visit, const Account& holder) {
  static constexpr std::array<std::string_view, 3> kKinds{"pix", "bank", "iban"};
  static constexpr std::array<std::string_view, 4> kPixKinds{"document", "phone", "email", "random"};
  static constexpr std::array<std::string_view, 3> kTypes{"CACC", "SVGS", "TRAN"};
  const auto kept = draft_of(visit).payout;
  const Fields fields = shown_fields(visit, kept);
  const auto faults = kept ? check_payout(fields, holder.document).faults : std::vector<FieldError>{};
  const StepView view{visit, fields, faults};
  html::List banks;
  for (const auto& entry : Banks::built_in().all()) {
    // Browsers search the label too. Most banks have the same name there, and the list is long.
    const bool has_other_names = entry.names.size() > 3;
    banks.push_back({{"value", fmt::format("{} · {}", entry.bank.compe, entry.bank.name)},
                     {"label", has_other_names ? entry.legal_name : ""}});
  }
  html::Object values{
      {"holder", visit.text("payout.holder", {{"name", holder.name}, {"document", format_document(holder.document)}})},
      {"kind", view.choice("kind", kKinds)},
      {"pix_kind", view.choice("pix_kind", kPixKinds)},
      {"account_type", view.choice("account_type", kTypes)},
      {"bank_choice", view.bank_choice()},
      {"ask_digit", std::any_of(faults.begin(), faults.end(), asks_about_digit)},
      {"banks", std::move(banks)}};
  view.add_inputs(values, kPayoutInputs);
  return view.page("payout", std::move(values), 3);
}

/// Stores the step. Redirects to the next incomplete step, or the review if there is none; back to the step itself if
/// it has errors.
http::Response keep(Visit& visit, Step step, bool is_right, std::string_view here) {
  Moment moment = visit.desk.moment();
  visit.organizer = find_or_make_organizer(visit.desk.database, visit.visitor, moment);
  save_step(visit.desk.database, *visit.organizer, visit.visitor, step, typed_fields(visit), moment);
  visit.desk.clerk.nudge();  // A confirmation may have been withdrawn.
  return visit.go(is_right ? next_step(visit) : here);
}

bool is_established(const Visit& visit) { return visit.organizer && visit.organizer->is_established(); }

/// Step 3 shows the holder, so step 1 must be complete.
std::optional<Account> holder_of(const Visit& visit) {
  return check_account(draft_of(visit).account.value_or(Fields{})).value;
}

}  // namespace

http::Response account_step(Visit& visit) {
  return is_established(visit) ? visit.go("/organizar/painel") : show_account(visit);
}

http::Response save_account_step(Visit& visit) {
  if (is_established(visit)) return visit.go("/organizar/painel");
  if (!visit.form_is_genuine) return show_account(visit);
  const bool is_right = check_account(typed_fields(visit)).value.has_value();
  return keep(visit, Step::kAccount, is_right, "/organizar/conta");
}

http::Response event_step(Visit& visit) {
  return is_established(visit) ? visit.go("/organizar/painel") : show_event(visit);
}

http::Response save_event_step(Visit& visit) {
  if (is_established(visit)) return visit.go("/organizar/painel");
  if (!visit.form_is_genuine) return show_event(visit);
  const bool is_right = check_event(typed_fields(visit), visit.desk.clock.now()).value.has_value();
  return keep(visit, Step::kEvent, is_right, "/organizar/evento");
}

http::Response payout_step(Visit& visit) {
  const auto holder = holder_of(visit);
  return holder ? show_payout(visit, *holder) : visit.go("/organizar/conta");
}

http::Response save_payout_step(Visit& visit) {
  const auto holder = holder_of(visit);
  if (!holder) return visit.go("/organizar/conta");
  if (!visit.form_is_genuine) return show_payout(visit, *holder);
  const bool is_right = check_payout(typed_fields(visit), holder->document).value.has_value();
  return keep(visit, Step::kPayout, is_right, "/organizar/repasse");
}

}  // namespace countersign::demo
