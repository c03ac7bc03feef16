#include "store/migrations/migrations.h"

#include <array>

namespace countersign::store {

std::span<const Migration> all_migrations() {
  static const std::array kAll{
      Migration{1, "initial", kInitialSchema}, Migration{2, "verify api", kVerifyApiSchema, 1},
      Migration{3, "sealed names", kSealedNamesSchema, 1}, Migration{4, "upstream claims", kUpstreamClaims, 1},
      Migration{5, "line guards", kLineGuardsSchema, 1},
      // Earlier programs judge by other rules, so none may start on it again.
      Migration{6, "standing", kStandingSchema}, Migration{7, "notices", kNoticesSchema, 6},
      Migration{8, "owed", kOwedSchema, 6}, Migration{9, "webhook rounds", kWebhookRoundsSchema, 6},
      Migration{10, "credentials", kCredentialsSchema, 6}, Migration{11, "test mode", kTestModeSchema, 6},
      Migration{12, "key holders", kKeyHoldersSchema, 6}, Migration{13, "event bundles", kEventBundlesSchema, 6},
      // Earlier programs do not see the verifications of this one: to them nothing was sent, and no attempt spent.
      Migration{14, "transaction row", kTransactionRowSchema},
      // Earlier programs take every unconfirmed factor for an app, every operation that adds a source for one that adds
      // an app, and leave the new columns behind when keys rotate.
      Migration{15, "factor material", kFactorMaterialSchema},
      // Earlier programs cannot read a policy or a proof that says something about passkeys.
      Migration{16, "ceremonies", kCeremoniesSchema}, Migration{17, "deliveries", kDeliveriesSchema, 16},
      Migration{18, "tries", kTriesSchema, 16}, Migration{19, "conversion", kConversionSchema, 16},
      Migration{20, "obstacles", kObstaclesSchema, 16}, Migration{21, "risk", kRiskSchema, 16},
      Migration{22, "reviews", kReviewsSchema, 16}, Migration{23, "typed", kTypedSchema, 16}};
  return kAll;
}

}  // namespace countersign::store
