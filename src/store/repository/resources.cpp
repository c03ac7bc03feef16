#include "store/repository/resources.h"

#include "store/error.h"

namespace countersign::store {

namespace {

#define CS_RESOURCE_COLUMNS "SELECT id, content_sealed, created_at, updated_at, due_at FROM resources "

/// What a content is bound to: the same bytes in another row do not open.
std::string place_of(std::string_view kind, const Id& parent, const Id& id) {
  return std::string(kind).append(parent.bytes()).append(id.bytes());
}

Resource read_resource(const Row& row, const Vault& vault, const AccountId& account, std::string_view kind,
                       const Id& parent) {
  Resource r{account, kind, parent, row.id<Id>(0), {}, {}, row.time(2), row.time(3), row.optional_time(4)};
  const SecretString plain = vault.open(row.blob(1), "resources", place_of(kind, parent, r.id), "content");
  auto content = parse_json(plain.expose());
  if (!content || !content->is_object()) throw StoreFailure({StoreError::Code::kUnreadable, "a resource is no object"});
  r.content = std::move(content->get_object());
  return r;
}

std::string seal(const Vault& vault, const Resource& r, Random& random) {
  return vault.seal(canonical_json(r.content), "resources", place_of(r.kind, r.parent, r.id), "content", random);
}

std::string name_index(const Vault& vault, std::string_view kind, std::string_view name) {
  return vault.digester().blind_index("resource", std::string(kind).append(1, ' ').append(name));
}

}  // namespace

bool insert_resource(Tx& tx, const Vault& vault, const Resource& r, Random& random) {
  static const Sql kInsert{
      "INSERT INTO resources (account_id, kind, parent_id, id, name_index, content_sealed, created_at, updated_at,"
      " due_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING"};
  const std::string index = r.unique_name.empty() ? "" : name_index(vault, r.kind, r.unique_name);
  const auto name = index.empty() ? std::nullopt : std::optional(Blob{index});
  const std::string sealed = seal(vault, r, random);
  return tx.exec(kInsert,
                 {r.account, r.kind, r.parent, r.id, name, Blob{sealed}, r.created_at, r.updated_at, r.due_at}) == 1;
}

void save_resource(Tx& tx, const Vault& vault, const Resource& r, Random& random) {
  static const Sql kSave{
      "UPDATE resources SET content_sealed = ?5, updated_at = ?6"
      " WHERE account_id = ?1 AND kind = ?2 AND parent_id = ?3 AND id = ?4"};
  const std::string sealed = seal(vault, r, random);
  tx.put(kSave, {r.account, r.kind, r.parent, r.id, Blob{sealed}, r.updated_at});
}

bool delete_resource(Tx& tx, const AccountId& account, std::string_view kind, const Id& parent, const Id& id) {
  static const Sql kDelete{"DELETE FROM resources WHERE account_id = ?1 AND kind = ?2 AND parent_id = ?3 AND id = ?4"};
  return tx.exec(kDelete, {account, kind, parent, id}) == 1;
}

void delete_children(Tx& tx, const AccountId& account, std::string_view kind, const Id& parent) {
  static const Sql kDelete{"DELETE FROM resources WHERE account_id = ?1 AND kind = ?2 AND parent_id = ?3"};
  tx.put(kDelete, {account, kind, parent});
}

std::optional<Resource> find_resource(Tx& tx, const Vault& vault, const AccountId& account, std::string_view kind,
                                      const Id& parent, const Id& id) {
  static const Sql kFind{CS_RESOURCE_COLUMNS "WHERE account_id = ?1 AND kind = ?2 AND parent_id = ?3 AND id = ?4"};
  std::optional<Resource> found;
  tx.one(kFind, {account, kind, parent, id},
         [&](const Row& row) { found = read_resource(row, vault, account, kind, parent); });
  return found;
}

std::optional<Resource> find_named(Tx& tx, const Vault& vault, const AccountId& account, std::string_view kind,
                                   const Id& parent, std::string_view name) {
  static const Sql kFind{CS_RESOURCE_COLUMNS
                         "WHERE account_id = ?1 AND kind = ?2 AND parent_id = ?3 AND name_index = ?4"};
  const std::string index = name_index(vault, kind, name);
  std::optional<Resource> found;
  tx.one(kFind, {account, kind, parent, Blob{index}},
         [&](const Row& row) { found = read_resource(row, vault, account, kind, parent); });
  return found;
}

std::vector<Resource> list_resources(Tx& tx, const Vault& vault, const AccountId& account, std::string_view kind,
                                     const Id& parent, const ResourceRange& range) {
  static const Sql kOldestFirst{CS_RESOURCE_COLUMNS
                                "WHERE account_id = ?1 AND kind = ?2 AND parent_id = ?3 AND id > ?4 AND id < ?5"
                                " ORDER BY id LIMIT ?6"};
  static const Sql kNewestFirst{CS_RESOURCE_COLUMNS
                                "WHERE account_id = ?1 AND kind = ?2 AND parent_id = ?3 AND id > ?4 AND id < ?5"
                                " ORDER BY id DESC LIMIT ?6"};
  Id last;
  last.raw.fill(0xFF);
  std::vector<Resource> rows;
  tx.all(range.newest_first ? kNewestFirst : kOldestFirst,
         {account, kind, parent, range.after.value_or(Id{}), range.before.value_or(last), range.limit},
         [&](const Row& row) { rows.push_back(read_resource(row, vault, account, kind, parent)); });
  return rows;
}

std::int64_t count_resources(Tx& tx, const AccountId& account, std::string_view kind, const Id& parent) {
  static const Sql kCount{"SELECT COUNT(*) FROM resources WHERE account_id = ?1 AND kind = ?2 AND parent_id = ?3"};
  std::int64_t count = 0;
  tx.one(kCount, {account, kind, parent}, [&](const Row& row) { count = row.integer(0); });
  return count;
}

}  // namespace countersign::store
