#pragma once

#include "api/v1/call.h"

namespace countersign::api::v1 {

void add_transaction_routes(http::Router& router, const Api& api);  ///< hold, show, list, cancel
void add_proof_routes(http::Router& router, const Api& api);        ///< verifications, checks
void add_passkey_routes(http::Router& router, const Api& api);      ///< challenges
void add_push_routes(http::Router& router, const Api& api);         ///< prompts, subscriptions
void add_release_routes(http::Router& router, const Api& api);      ///< claim, ack, give_up
void add_subject_routes(http::Router& router, const Api& api);      ///< contacts, factors
void add_source_routes(http::Router& router, const Api& api);       ///< the subject, objections, erasure
void add_webhook_routes(http::Router& router, const Api& api);      ///< endpoints, deliveries
void add_event_routes(http::Router& router, const Api& api);        ///< the audit log
void add_conversion_routes(http::Router& router, const Api& api);   ///< what became of codes
void add_spending_routes(http::Router& router, const Api& api);     ///< budgets, the switch
void add_risk_routes(http::Router& router, const Api& api);         ///< decisions of the fraud rules
void add_risk_rule_routes(http::Router& router, const Api& api);    ///< rules and reviews
void add_test_mode_routes(http::Router& router, const Api& api);    ///< clock and messages of test mode

}  // namespace countersign::api::v1
