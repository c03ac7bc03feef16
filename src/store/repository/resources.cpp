#include "store/repository/resources.h"

#include "store/error.h"

namespace countersign::store {

namespace {

constexpr Columns kResource{R"sql(
    id, content_sealed, created_at, updated_at, due_at
)sql"};

/// What a content is bound to: the same bytes in another row do not open.
///
/// row :=
///    kind      its letters: all before the last 32 bytes
///    parent    16 bytes
///    id        16 bytes
std::string place_of(std::string_view kind, const Id& parent, const Id& id) {
  return std::string(kind).append(parent.bytes()).append(id.bytes());
}

Resource read_resource(const Row& row, const Vault& vault, const AccountId& account, std::string_view kind,
                       const Id& parent) {
  Resource r{.account = account,
             .kind = kind,
             .parent = parent,
             .id = row.id<Id>(kResource["id"]),
             .unique_name = {},
             .content = {},
             .created_at = row.time(kResource["created_at"]),
             .updated_at = row.time(kResource["updated_at"]),
             .due_at = row.optional_time(kResource["due_at"])};
  const SecretString plain =
      vault.open(row.blob(kResource["content_sealed"]), "resources", place_of(kind, parent, r.id), "content");
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
  static constexpr Sql kInsert{R"sql(
      INSERT INTO resources (
        account_id, kind, parent_id, id, name_index, content_sealed, created_at, updated_at, due_at)
      VALUES (
        :account_id, :kind, :parent_id, :id, :name_index, :content_sealed, :created_at, :updated_at, :due_at)
      ON CONFLICT DO NOTHING
  )sql"};
  const std::string index = r.unique_name.empty() ? "" : name_index(vault, r.kind, r.unique_name);
  const auto name = index.empty() ? std::nullopt : std::optional(Blob{index});
  const std::string sealed = seal(vault, r, random);
  return tx.exec(kInsert, {{"account_id", r.account},
                           {"kind", r.kind},
                           {"parent_id", r.parent},
                           {"id", r.id},
                           {"name_index", name},
                           {"content_sealed", Blob{sealed}},
                           {"created_at", r.created_at},
                           {"updated_at", r.updated_at},
                           {"due_at", r.due_at}}) == 1;
}

void save_resource(Tx& tx, const Vault& vault, const Resource& r, Random& random) {
  static constexpr Sql kSave{R"sql(
      UPDATE resources
      SET content_sealed = :content_sealed, updated_at = :updated_at
      WHERE account_id = :account_id AND kind = :kind AND parent_id = :parent_id AND id = :id
  )sql"};
  const std::string sealed = seal(vault, r, random);
  tx.put(kSave, {{"content_sealed", Blob{sealed}},
                 {"updated_at", r.updated_at},
                 {"account_id", r.account},
                 {"kind", r.kind},
                 {"parent_id", r.parent},
                 {"id", r.id}});
}

bool delete_resource(Tx& tx, const AccountId& account, std::string_view kind, const Id& parent, const Id& id) {
  static constexpr Sql kDelete{R"sql(
      DELETE FROM resources
      WHERE account_id = :account_id AND kind = :kind AND parent_id = :parent_id AND id = :id
  )sql"};
  return tx.exec(kDelete, {{"account_id", account}, {"kind", kind}, {"parent_id", parent}, {"id", id}}) == 1;
}

void delete_children(Tx& tx, const AccountId& account, std::string_view kind, const Id& parent) {
  static constexpr Sql kDelete{R"sql(
      DELETE FROM resources
      WHERE account_id = :account_id AND kind = :kind AND parent_id = :parent_id
  )sql"};
  tx.put(kDelete, {{"account_id", account}, {"kind", kind}, {"parent_id", parent}});
}

std::optional<Resource> find_resource(Tx& tx, const Vault& vault, const AccountId& account, std::string_view kind,
                                      const Id& parent, const Id& id) {
  static constexpr Sql kFind{kResource, R"sql(
      SELECT {{columns}}
      FROM resources
      WHERE account_id = :account_id AND kind = :kind AND parent_id = :parent_id AND id = :id
  )sql"};
  std::optional<Resource> found;
  tx.one(kFind, {{"account_id", account}, {"kind", kind}, {"parent_id", parent}, {"id", id}},
         [&](const Row& row) { found = read_resource(row, vault, account, kind, parent); });
  return found;
}

std::optional<Resource> find_named(Tx& tx, const Vault& vault, const AccountId& account, std::string_view kind,
                                   const Id& parent, std::string_view name) {
  static constexpr Sql kFind{kResource, R"sql(
      SELECT {{columns}}
      FROM resources
      WHERE account_id = :account_id AND kind = :kind AND parent_id = :parent_id AND name_index = :name_index
  )sql"};
  const std::string index = name_index(vault, kind, name);
  std::optional<Resource> found;
  tx.one(kFind, {{"account_id", account}, {"kind", kind}, {"parent_id", parent}, {"name_index", Blob{index}}},
         [&](const Row& row) { found = read_resource(row, vault, account, kind, parent); });
  return found;
}

std::vector<Resource> list_resources(Tx& tx, const Vault& vault, const AccountId& account, std::string_view kind,
                                     const Id& parent, const ResourceRange& range) {
  static constexpr Sql kOldestFirst{kResource, R"sql(
      SELECT {{columns}}
      FROM resources
      WHERE account_id = :account_id AND kind = :kind AND parent_id = :parent_id AND id > :after AND id < :before
      ORDER BY id
      LIMIT :limit
  )sql"};
  static constexpr Sql kNewestFirst{kResource, R"sql(
      SELECT {{columns}}
      FROM resources
      WHERE account_id = :account_id AND kind = :kind AND parent_id = :parent_id AND id > :after AND id < :before
      ORDER BY id DESC
      LIMIT :limit
  )sql"};
  Id last;
  last.raw.fill(0xFF);
  std::vector<Resource> rows;
  tx.all(range.newest_first ? kNewestFirst : kOldestFirst,
         {{"account_id", account},
          {"kind", kind},
          {"parent_id", parent},
          {"after", range.after.value_or(Id{})},
          {"before", range.before.value_or(last)},
          {"limit", range.limit}},
         [&](const Row& row) { rows.push_back(read_resource(row, vault, account, kind, parent)); });
  return rows;
}

std::int64_t count_resources(Tx& tx, const AccountId& account, std::string_view kind, const Id& parent) {
  static constexpr Sql kCount{R"sql(
      SELECT COUNT(*) AS resources
      FROM resources
      WHERE account_id = :account_id AND kind = :kind AND parent_id = :parent_id
  )sql"};
  std::int64_t count = 0;
  tx.one(kCount, {{"account_id", account}, {"kind", kind}, {"parent_id", parent}},
         [&](const Row& row) { count = row.integer(kCount["resources"]); });
  return count;
}

}  // namespace countersign::store
