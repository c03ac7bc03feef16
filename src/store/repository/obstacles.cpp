#include "store/repository/contacts.h"

namespace countersign::store {

void save_obstacles(Tx& tx, const AccountId& account, const AddressId& address, const domain::Obstacles& obstacles) {
  static constexpr Sql kSave{R"sql(
      UPDATE addresses
      SET obstacles = :obstacles
      WHERE account_id = :account_id AND id = :id
  )sql"};
  const auto text = domain::to_text(obstacles);
  tx.put(kSave,
         {{"obstacles", text.empty() ? std::nullopt : std::optional(text)}, {"account_id", account}, {"id", address}});
}

std::optional<KnownAddress> find_known_address(Tx& tx, const Vault& vault, const AccountId& account,
                                               contact::Channel channel, std::string_view index_text) {
  static constexpr Sql kFind{R"sql(
      SELECT id, obstacles
      FROM addresses
      WHERE account_id = :account_id AND kind = :kind AND address_index = :address_index
  )sql"};
  const std::string_view kind = contact::uses_phone(channel) ? "phone" : "email";
  const std::string index = vault.digester().blind_index(kind, index_text);
  std::optional<KnownAddress> found;
  tx.one(kFind, {{"account_id", account}, {"kind", kind}, {"address_index", Blob{index}}}, [&](const Row& row) {
    const auto text = row.optional_string(kFind["obstacles"]);
    found = {row.id<AddressId>(kFind["id"]), text ? domain::parse_obstacles(*text) : domain::Obstacles()};
  });
  return found;
}

}  // namespace countersign::store
