#include "api/v1/routes.h"

namespace countersign::api {

void add_v1_routes(http::Router& router, const Api& api) {
  v1::add_transaction_routes(router, api);
  v1::add_proof_routes(router, api);
  v1::add_passkey_routes(router, api);
  v1::add_push_routes(router, api);
  v1::add_release_routes(router, api);
  v1::add_subject_routes(router, api);
  v1::add_source_routes(router, api);
  v1::add_webhook_routes(router, api);
  v1::add_event_routes(router, api);
  v1::add_conversion_routes(router, api);
  v1::add_spending_routes(router, api);
  v1::add_risk_routes(router, api);
  v1::add_risk_rule_routes(router, api);
  v1::add_test_mode_routes(router, api);
}

}  // namespace countersign::api
