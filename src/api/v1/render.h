#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/json_writer.h"
#include "base/test_account.h"
#include "usecase/idempotency.h"
#include "usecase/outbox/deliveries.h"
#include "usecase/outbox/endpoints.h"
#include "usecase/subject/contacts.h"
#include "usecase/subject/enrol.h"
#include "usecase/transaction/show.h"
#include "usecase/verification/start.h"

namespace countersign::api::v1 {

/// Adds `"test":true` to objects of a test account.
inline void mark_test(JsonWriter& json, const AccountId& account) {
  if (is_test(account)) json.member("test", true);
}

// The JSON forms of the API's objects, described by docs/openapi.yaml; tests compare the two.

void write_transaction(JsonWriter& json, const usecase::TransactionView& view, const usecase::ServiceSettings* service);
/// Writes what is met and what is missing into an open object.
void write_judgement(JsonWriter& json, const domain::standing::Judgement& judgement);
/// How a source counts for what is held now.
void write_counts(JsonWriter& json, const domain::standing::Counts& counts);
void write_contact(JsonWriter& json, const usecase::ContactView& view);
void write_factor(JsonWriter& json, const usecase::FactorView& view);
/// 200 with the factor.
[[nodiscard]] usecase::Recorded factor_answer(const usecase::FactorView& view);
void write_endpoint(JsonWriter& json, const usecase::EndpointView& view, const SecretString* secret = nullptr);
void write_delivery(JsonWriter& json, const usecase::DeliveryView& view);
[[nodiscard]] std::string started_json(const TransactionId& transaction, const usecase::Started& started);

/// `{"data": […], "next_cursor": …}`.
template <class Item, class Write>
std::string page_json(const std::vector<Item>& items, const std::optional<std::string>& next, Write write) {
  JsonWriter json;
  json.open_object().key("data").open_array();
  for (const auto& item : items) write(json, item);
  return json.close_array().member("next_cursor", next).close_object().take();
}

/// The cursor is the last item's id if the page is full.
template <class Item, class Write, class IdOfItem>
std::string page_json(const std::vector<Item>& items, int limit, Write write, IdOfItem id_of) {
  const bool full = static_cast<int>(items.size()) == limit;
  return page_json(items, full ? std::optional<std::string>(id_of(items.back())) : std::nullopt, write);
}

}  // namespace countersign::api::v1
