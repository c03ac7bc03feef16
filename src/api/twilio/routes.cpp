#include "api/twilio/routes.h"

#include "api/twilio/twilio.h"
#include "usecase/verify_api/service.h"

namespace countersign::api {

void add_twilio_routes(http::Router& router, const twilio::Twilio& twilio) {
  twilio::add_verification_routes(router, twilio);
  twilio::add_service_routes(router, twilio);
  twilio::add_rate_limit_routes(router, twilio);
  twilio::add_number_routes(router, twilio);
  twilio::add_template_routes(router, twilio);
  twilio::add_attempt_routes(router, twilio);
  twilio::add_entity_routes(router, twilio);
  twilio::add_access_token_routes(router, twilio);
  twilio::add_passkey_routes(router, twilio);
  twilio::add_factor_routes(router, twilio);
  twilio::add_challenge_routes(router, twilio);
  twilio::add_webhook_routes(router, twilio);
}

namespace twilio {

namespace {

Unit bound(const Twilio& twilio, Action action) {
  return [&twilio, action](const usecase::Work& work, const Call& call) { return action(twilio, work, call); };
}

}  // namespace

std::optional<ServiceId> service_in(const Call& call) { return ServiceId::parse(call.request.params.at(0)); }

std::optional<ServiceId> owned_service(const usecase::Work& work, const Call& call) {
  const auto id = service_in(call);
  if (!id || !usecase::verify_api::find_service(work, *id)) return std::nullopt;
  return id;
}

void Routes::read(std::string_view pattern, std::string_view name, Action action, Guests guests) const {
  add_read(router_, twilio_, pattern, name, bound(twilio_, action), guests);
}

void Routes::write(http::Method method, std::string_view pattern, std::string_view name, Action action,
                   Guests guests) const {
  add_write(router_, twilio_, method, pattern, name, bound(twilio_, action), guests);
}

void Routes::answered(std::string_view pattern, std::string_view name, Action action, AnswerOf of) const {
  add_answered_write(router_, twilio_, pattern, name, bound(twilio_, action), of);
}

void Routes::collection(std::string_view pattern, const std::string& name, Action create, Action list) const {
  write(http::Method::kPost, pattern, name + "_create", create);
  read(pattern, name + "_list", list);
}

void Routes::member(std::string_view pattern, const std::string& name, Action show, Action update,
                    Action remove) const {
  if (show != nullptr) read(pattern, name + "_show", show);
  if (update != nullptr) write(http::Method::kPost, pattern, name + "_update", update);
  if (remove != nullptr) write(http::Method::kDelete, pattern, name + "_delete", remove);
}

Verdict<Answered> list_collection(const Twilio& twilio, const usecase::Work& work, const Call& call,
                                  const Listing& listing) {
  const auto page = read_page(call);
  if (!page) return countersign::fail(page.error());
  std::vector<Item> items;
  for (const auto& resource : usecase::verify_api::list_in(work, listing.collection, listing.parent, page->range()))
    items.emplace_back(resource.id, listing.render(twilio, call, resource));
  return page_of(call, work.context.settings.public_url, listing.key, *page, std::move(items));
}

}  // namespace twilio

}  // namespace countersign::api
