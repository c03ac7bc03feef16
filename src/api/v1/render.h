#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/json_writer.h"
#include "base/test_account.h"
#include "usecase/contacts.h"
#include "usecase/deliveries.h"
#include "usecase/endpoints.h"
#include "usecase/enrol.h"
#include "usecase/show.h"
#include "usecase/start_verification.h"

namespace countersign::api::v1 {

/// `"test":true` in what belongs to a test account; nothing in all else.
inline void mark_test(JsonWriter& json, const AccountId& account) {
  if (is_test(account)) json.key("test").boolean(true);
}

// The JSON forms of what the API shows. docs/openapi.yaml describes them; the tests hold the two together.

void write_transaction(JsonWriter& json, const usecase::TransactionView& view, const usecase::ServiceSettings* service);
/// The members that say what is met and what is missing, into an object that is open.
void write_judgement(JsonWriter& json, const domain::standing::Judgement& judgement);
/// What a source counts as for what is held now.
void write_counts(JsonWriter& json, const domain::standing::Counts& counts);
void write_contact(JsonWriter& json, const usecase::ContactView& view);
void write_factor(JsonWriter& json, const usecase::FactorView& view);
void write_endpoint(JsonWriter& json, const usecase::EndpointView& view, const SecretString* secret = nullptr);
void write_delivery(JsonWriter& json, const usecase::DeliveryView& view);
[[nodiscard]] std::string started_json(const TransactionId& transaction, const usecase::Started& started);

/// `{"data": […], "next_cursor": …}`.
template <class Item, class Write>
std::string page_json(const std::vector<Item>& items, const std::optional<std::string>& next, Write write) {
  JsonWriter json;
  json.open_object().key("data").open_array();
  for (const auto& item : items) write(json, item);
  json.close_array().key("next_cursor");
  if (next)
    json.text(*next);
  else
    json.null();
  return json.close_object().take();
}

/// The cursor is the last item's id when the page is full.
template <class Item, class Write, class IdOfItem>
std::string page_json(const std::vector<Item>& items, int limit, Write write, IdOfItem id_of) {
  const bool full = static_cast<int>(items.size()) == limit;
  return page_json(items, full ? std::optional<std::string>(id_of(items.back())) : std::nullopt, write);
}

}  // namespace countersign::api::v1
