#include "api/pages/forms.h"
#include "api/pages/show_page.h"
#include "usecase/subject/change_on_page.h"

namespace countersign::api::pages {

namespace {

using usecase::Code;
using usecase::Problem;

/// The operation has its own page, which leads back here when it is over.
usecase::AdditionPage operation_page(const usecase::Work& work, const Site& site, const Visit& visit,
                                     const store::TransactionRow& row, domain::Method adds = domain::Method::kTotp) {
  const auto view = usecase::view_for_person(work.tx, work.context, row, work.moment.now);
  return {work.context.settings.public_url + page_url(visit), std::string(language_for(site, visit, view).tag()), adds};
}

FormResult begun(const usecase::Work& work, const usecase::Answer<usecase::Addition>& operation, std::string way) {
  FormResult done;
  if (operation) {
    done.outcome.go = operation->id.text() + "." + operation->secret.expose();
    return done;
  }
  const Problem& problem = operation.error();
  switch (problem.code) {
    case Code::kRateLimited:
      done.outcome = refused(problem, "", work.moment.now);
      break;
    case Code::kInvalidField:
      done.outcome.note = problem.detail.starts_with("is the name") ? "manage_taken" : "manage_name";
      done.outcome.way = std::move(way);
      done.outcome.keeps = true;
      break;
    case Code::kSourceDoesNotCount:
      done.outcome.note = "manage_few";
      break;
    case Code::kTransactionExpired:
      break;
    default:
      done.outcome.note = problem.detail == "last_one" ? "manage_last"
                          : problem.detail == "stays"  ? "manage_stays"
                                                       : "manage_gone";
  }
  return done;
}

FormResult add_method(const usecase::Work& work, const Site& site, const Visit& visit, const store::TransactionRow& row,
                      const http::Form& form) {
  const auto method = domain::parse_method(form.value("what").value_or(""));
  if (!method) return begun(work, usecase::refuse(Code::kNotFound), "");
  const auto operation = usecase::begin_addition(work, row, operation_page(work, site, visit, row, *method));
  FormResult done = begun(work, operation, "");
  if (!operation && operation.error().code == Code::kMethodNotAllowed) done.outcome.note = "manage_few";
  return done;
}

FormResult change_method(const usecase::Work& work, const Site& site, const Visit& visit,
                         const store::TransactionRow& row, const http::Form& form) {
  const auto binding = BindingId::parse(form.value("binding").value_or(""));
  const std::string change(form.value("change").value_or(""));
  if (!binding) return begun(work, usecase::refuse(Code::kNotFound), "");
  usecase::ChangeAsked asked{*binding, usecase::MethodChange::kRename, std::string(form.value("name").value_or(""))};
  if (change == "remove")
    asked.change = usecase::MethodChange::kRemove;
  else if (change == "keep")
    asked.change = usecase::MethodChange::kKeep;
  else if (change != "rename")
    return begun(work, usecase::refuse(Code::kNotFound), "");
  return begun(work, usecase::begin_change(work, row, asked, operation_page(work, site, visit, row)),
               "rename-" + binding->text());
}

}  // namespace

void add_methods_routes(http::Router& router, const SharedSite& site) {
  add_action(router, site, "/methods/", "add", "page_methods_add", add_method);
  add_action(router, site, "/methods/", "change", "page_methods_change", change_method);
  add_action(router, site, "/methods/", "decide", "page_methods_decide", decide);
}

}  // namespace countersign::api::pages
