#pragma once

#include <optional>
#include <string>

#include "api/twilio/call.h"
#include "api/twilio/guests.h"
#include "api/twilio/paging.h"
#include "http/router.h"

namespace countersign::api::twilio {

void add_verification_routes(http::Router& router, const Twilio& twilio);  ///< Verifications, VerificationCheck
void add_service_routes(http::Router& router, const Twilio& twilio);
void add_rate_limit_routes(http::Router& router, const Twilio& twilio);  ///< with their buckets
void add_number_routes(http::Router& router, const Twilio& twilio);      ///< MessagingConfigurations, SafeList
void add_template_routes(http::Router& router, const Twilio& twilio);    ///< with Forms
void add_attempt_routes(http::Router& router, const Twilio& twilio);     ///< with their summary
void add_entity_routes(http::Router& router, const Twilio& twilio);
void add_access_token_routes(http::Router& router, const Twilio& twilio);
void add_passkey_routes(http::Router& router, const Twilio& twilio);
void add_factor_routes(http::Router& router, const Twilio& twilio);
void add_challenge_routes(http::Router& router, const Twilio& twilio);
void add_webhook_routes(http::Router& router, const Twilio& twilio);

/// The service in the path's first capture. Another account's service is not found.
[[nodiscard]] std::optional<ServiceId> service_in(const Call& call);
/// The same, if it exists.
[[nodiscard]] std::optional<ServiceId> owned_service(const usecase::Work& work, const Call& call);

/// A route's action, before its parameters are bound.
using Action = Verdict<Answered> (*)(const Twilio&, const usecase::Work&, const Call&);

/// Adds routes in the two shapes of resources. `name` is for metrics; the method is appended.
class Routes {
 public:
  Routes(http::Router& router, const Twilio& twilio) : router_(router), twilio_(twilio) {}

  void read(std::string_view pattern, std::string_view name, Action action, Guests guests = Guests::kNone) const;
  void write(http::Method method, std::string_view pattern, std::string_view name, Action action,
             Guests guests = Guests::kNone) const;
  /// A POST whose AuthPayload a device may have signed (guests.h).
  void answered(std::string_view pattern, std::string_view name, Action action, AnswerOf of) const;
  void collection(std::string_view pattern, const std::string& name, Action create, Action list) const;
  /// Null actions are left out.
  void member(std::string_view pattern, const std::string& name, Action show, Action update, Action remove) const;

 private:
  http::Router& router_;
  const Twilio& twilio_;
};

using RenderResource = std::string (*)(const Twilio&, const Call&, const usecase::verify_api::Resource&);
/// Which resources are listed, and how they are shown.
struct Listing {
  const usecase::verify_api::Collection& collection;
  Id parent;
  std::string_view key;  ///< The member of the answer that has them.
  RenderResource render;
};
/// A page of resources, in order of creation.
[[nodiscard]] Verdict<Answered> list_collection(const Twilio& twilio, const usecase::Work& work, const Call& call,
                                                const Listing& listing);

}  // namespace countersign::api::twilio
