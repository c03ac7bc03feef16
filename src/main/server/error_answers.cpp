#include "main/server/error_answers.h"

#include <optional>
#include <utility>

#include "api/home/home.h"
#include "api/problem.h"
#include "api/twilio/error.h"
#include "api/twilio/twilio.h"
#include "store/error.h"

namespace countersign::main {

ErrorAnswers::ErrorAnswers(const Config& config, const Clock& clock)
    : development_(config.mode == Mode::kDevelopment), pages_(config.public_url, development_, clock) {}

http::Response ErrorAnswers::not_found(const http::Request& request) const {
  if (api::twilio::is_ours(request.path)) return api::twilio::not_found_response(request.path);
  if (auto page = development_ ? api::nothing_here(request) : std::nullopt) return *std::move(page);
  if (pages_.takes(request)) return pages_.page(request, 404, "not_found");
  return api::problem_response(404, "not_found", "there is nothing at this path");
}

http::Response ErrorAnswers::method_not_allowed(const http::Request& request, std::string allow) const {
  if (api::twilio::is_ours(request.path)) return api::twilio::method_not_allowed_response(std::move(allow));
  auto response = pages_.takes(request) ? pages_.page(request, 405, "method_not_allowed")
                                        : api::problem_response(405, "method_not_allowed");
  response.headers.emplace_back("Allow", std::move(allow));
  return response;
}

http::Response ErrorAnswers::store_away(const http::Request& request) const {
  const store::StoreError away{store::StoreError::Code::kUnavailable, {}};
  if (pages_.takes(request)) {
    auto page = pages_.page(request, 503, "store_unavailable");
    page.headers.emplace_back("Retry-After", "1");
    return page;
  }
  return api::twilio::is_ours(request.path) ? api::twilio::error_response(away) : api::problem_response(away);
}

http::Response ErrorAnswers::of(const http::Failure& failure) const {
  if (pages_.takes(failure.path, failure.accept)) return pages_.page(failure);
  return api::twilio::is_ours(failure.path) ? api::twilio::server_error_response(failure.status, failure.code)
                                            : api::problem_response(failure.status, failure.code);
}

}  // namespace countersign::main
