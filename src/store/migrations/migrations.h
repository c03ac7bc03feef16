#pragma once

#include <span>
#include <string_view>

#include "store/migration.h"

namespace countersign::store {

extern const std::string_view kInitialSchema;
extern const std::string_view kVerifyApiSchema;
extern const std::string_view kSealedNamesSchema;
extern const std::string_view kUpstreamClaims;
extern const std::string_view kLineGuardsSchema;
extern const std::string_view kStandingSchema;
extern const std::string_view kNoticesSchema;
extern const std::string_view kOwedSchema;
extern const std::string_view kWebhookRoundsSchema;
extern const std::string_view kCredentialsSchema;
extern const std::string_view kTestModeSchema;
extern const std::string_view kKeyHoldersSchema;
extern const std::string_view kEventBundlesSchema;
extern const std::string_view kTransactionRowSchema;
extern const std::string_view kFactorMaterialSchema;
extern const std::string_view kCeremoniesSchema;
extern const std::string_view kDeliveriesSchema;
extern const std::string_view kTriesSchema;
extern const std::string_view kConversionSchema;
extern const std::string_view kObstaclesSchema;
extern const std::string_view kRiskSchema;
extern const std::string_view kReviewsSchema;
extern const std::string_view kTypedSchema;

/// All migrations of the product's schema, in order. Never edited after a release: add a new one.
[[nodiscard]] std::span<const Migration> all_migrations();

}  // namespace countersign::store
