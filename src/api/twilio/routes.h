#pragma once

#include <optional>
#include <string>

#include "api/twilio/call.h"
#include "api/twilio/paging.h"
#include "http/router.h"

namespace countersign::api::twilio {

void add_verification_routes(http::Router& router, const Twilio& twilio);  ///< Verifications, VerificationCheck
void add_service_routes(http::Router& router, const Twilio& twilio);
void add_rate_limit_routes(http::Router& router, const Twilio& twilio);  ///< with their buckets
void add_number_routes(http::Router& router, const Twilio& twilio);      ///< MessagingConfigurations, SafeList
void add_template_routes(http::Router& router, const Twilio& twilio);    ///< with Forms
void add_attempt_routes(http::Router& router, const Twilio& twilio);     ///< with their summary
void add_entity_routes(http::Router& router, const Twilio& twilio);      ///< with what is not served: push, passkeys
void add_factor_routes(http::Router& router, const Twilio& twilio);
void add_challenge_routes(http::Router& router, const Twilio& twilio);
void add_webhook_routes(http::Router& router, const Twilio& twilio);

/// The service that the first capture of the path names. A foreign one is not found, as one that is not there.
[[nodiscard]] std::optional<ServiceId> service_in(const Call& call);
/// The same, if it is there.
[[nodiscard]] std::optional<ServiceId> owned_service(const Twilio& twilio, store::Tx& tx, const Call& call);

/// What a route does, before it is bound to the parts that it works with.
using Action = Verdict<Answered> (*)(const Twilio&, store::Tx&, const Call&, Moment&);

/// Adds routes in the two shapes that resources have. `name` is for metrics; the method is added to it.
class Routes {
 public:
  Routes(http::Router& router, const Twilio& twilio) : router_(router), twilio_(twilio) {}

  void read(std::string_view pattern, std::string_view name, Action action) const;
  void write(http::Method method, std::string_view pattern, std::string_view name, Action action) const;
  void collection(std::string_view pattern, const std::string& name, Action create, Action list) const;
  /// Null where there is none.
  void member(std::string_view pattern, const std::string& name, Action show, Action update, Action remove) const;

 private:
  http::Router& router_;
  const Twilio& twilio_;
};

using RenderResource = std::string (*)(const Twilio&, const Call&, const store::Resource&);
/// A page of resources, in the order of their making.
[[nodiscard]] Verdict<Answered> list_collection(const Twilio& twilio, store::Tx& tx, const Call& call,
                                                std::string_view kind, const Id& parent, std::string_view key,
                                                RenderResource render);

}  // namespace countersign::api::twilio
