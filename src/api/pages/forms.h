#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/pages/actions.h"
#include "base/function_ref.h"
#include "http/router.h"
#include "usecase/push/enrol.h"

namespace countersign::api::pages {

// What receives the forms of the pages, whatever they do. routes.cpp.

using SharedSite = std::shared_ptr<const Site>;

/// A received form: its fields, and whether browser and page are genuine.
struct Submission {
  std::shared_ptr<const Visit> visit;
  http::Form form;
  std::string nonce;  ///< Of a valid token; else empty.
  usecase::Caller caller;
};
using SharedSubmission = std::shared_ptr<const Submission>;
/// Null if the path holds no link; then it is answered.
[[nodiscard]] SharedSubmission received(const SharedSite& site, const http::Request& request, http::Reply& reply);

/// The row of a link, if it is one of the page that it is opened as: that of a transaction, or that of the person's
/// methods.
[[nodiscard]] std::optional<store::TransactionRow> row_of(store::Tx& tx, const Site& site, const Visit& visit);

using Perform = FunctionRef<FormResult(const usecase::Work&, const Site&, const Visit&, const store::TransactionRow&,
                                       const http::Form&)>;
/// Runs `action` once for each form token, in one database transaction. Nothing: the link is not valid.
[[nodiscard]] std::optional<FormResult> perform(store::Tx& tx, const Site& site, const Submission& submission,
                                                Perform action, std::string_view name);

/// 303 to the page that shows the outcome.
[[nodiscard]] http::Response answer_post(const Site& site, const Visit& visit, const Outcome& outcome);
/// For a store that failed.
[[nodiscard]] http::Response answer_failed_post(const Site& site, const Visit& visit, const store::StoreError& error);

/// `base`: `/verify/`, `/methods/`.
void add_action(http::Router& router, const SharedSite& site, std::string_view base, std::string_view name,
                std::string_view metric, Action action);
/// Where a form is sent to, asked for without it: shows the page itself.
void add_reload(http::Router& router, const SharedSite& site, const std::string& path, std::string_view metric);

/// Answers a form that perform() has run.
void finish_post(const SharedSite& site, const Submission& submission,
                 const Result<std::optional<FormResult>, store::StoreError>& result, http::Reply reply);

/// What a browser says of itself as a device.
[[nodiscard]] usecase::PushAnswer read_device_form(const http::Form& form);

/// Reads what the link opens, and sends what `render` makes of it; 404 where it opens nothing.
void show_by_link(const SharedSite& site, const http::Request& request, http::Reply reply,
                  http::Response (*render)(const Site&, const Visit&, const Seen&));
/// The same, where a link that opens nothing is no failure.
void open_by_link(const SharedSite& site, const http::Request& request, http::Reply reply,
                  http::Response (*render)(const Site&, const Visit&, const std::optional<Seen>&));

/// The page with the person's methods, `/methods/{link}`, and what its forms do.
void add_methods_routes(http::Router& router, const SharedSite& site);
/// Of the operation in which the person adds a passkey: options for the browser's ceremony, and its answer.
void add_passkey_enrolment_routes(http::Router& router, const SharedSite& site);
/// The same of the browser as a device; and the form that asks the devices.
void add_device_enrolment_routes(http::Router& router, const SharedSite& site);
/// The page that a notification opens, `/approve/{link}`, and what belongs to it.
void add_approval_routes(http::Router& router, const SharedSite& site);

}  // namespace countersign::api::pages
