#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/json.h"
#include "store/repository/vault.h"
#include "store/tx.h"

namespace countersign::store {

/// A small object that an account creates with the Verify-compatible API: a service, a rate limit, a webhook. Its
/// content is one JSON object, sealed at rest, read and written as a whole.
struct Resource {
  AccountId account;
  std::string_view kind;  ///< `service`, `rate_limit`, …: a literal.
  Id parent{};            ///< For example its service; zero if it belongs to the account itself.
  Id id;
  std::string unique_name;  ///< Unique among siblings; empty: no name. Stored as a keyed digest.
  json::object content;
  WallTime created_at;
  WallTime updated_at;
  std::optional<WallTime> due_at;  ///< When it may be deleted; nullopt: never.
};

/// False, with nothing written, if a sibling has that name.
[[nodiscard]] bool insert_resource(Tx& tx, const Vault& vault, const Resource& resource, Random& random);
/// Writes content and updated_at.
void save_resource(Tx& tx, const Vault& vault, const Resource& resource, Random& random);
[[nodiscard]] bool delete_resource(Tx& tx, const AccountId& account, std::string_view kind, const Id& parent,
                                   const Id& id);
void delete_children(Tx& tx, const AccountId& account, std::string_view kind, const Id& parent);

[[nodiscard]] std::optional<Resource> find_resource(Tx& tx, const Vault& vault, const AccountId& account,
                                                    std::string_view kind, const Id& parent, const Id& id);
/// By name; `unique_name` in the result is empty.
[[nodiscard]] std::optional<Resource> find_named(Tx& tx, const Vault& vault, const AccountId& account,
                                                 std::string_view kind, const Id& parent, std::string_view name);

struct ResourceRange {
  std::optional<Id> after{};   ///< Younger than this one.
  std::optional<Id> before{};  ///< Older than this one.
  bool newest_first = false;
  int limit = 50;
};
/// In order of creation.
[[nodiscard]] std::vector<Resource> list_resources(Tx& tx, const Vault& vault, const AccountId& account,
                                                   std::string_view kind, const Id& parent, const ResourceRange& range);
[[nodiscard]] std::int64_t count_resources(Tx& tx, const AccountId& account, std::string_view kind, const Id& parent);

}  // namespace countersign::store
