#include "usecase/verify_api/collection.h"

#include <fmt/format.h>

#include "usecase/audit_log.h"
#include "usecase/verify_api/service.h"

namespace countersign::usecase::verify_api {

namespace {

Resource shown(store::Resource row) {
  return {row.id, row.parent, std::move(row.content), row.created_at, row.updated_at};
}

Verdict<Resource> found_or_not(std::optional<store::Resource> found) {
  if (!found) return refuse(ErrorCode::kNotFound);
  return shown(*std::move(found));
}

}  // namespace

void note_change(const Work& work, const Collection& collection, std::string_view what, const Id& id) {
  record(work, fmt::format("{}.{}", collection.kind, what), Facts().text("id", id_text("", id)));
}

Verdict<Resource> add_to(const Work& work, const Collection& collection, const Id& parent, std::string unique_name,
                         json::object content) {
  if (store::count_resources(work.tx, work.caller.account, collection.kind, parent) >= collection.max)
    return refuse(collection.full);
  store::Resource row{work.caller.account,   collection.kind,        parent,
                      Id::make(work.moment), std::move(unique_name), std::move(content),
                      work.moment.now,       work.moment.now,        std::nullopt};
  if (!store::insert_resource(work.tx, work.context.vault, row, work.moment.random))
    return refuse(collection.duplicate);
  note_change(work, collection, "created", row.id);
  return shown(std::move(row));
}

Verdict<Resource> change_in(const Work& work, const Collection& collection, const Id& parent, const Id& id,
                            const json::object& changes) {
  auto row = store::find_resource(work.tx, work.context.vault, work.caller.account, collection.kind, parent, id);
  if (!row) return refuse(ErrorCode::kNotFound);
  if (changes.empty()) return shown(*std::move(row));
  merge_into(row->content, changes);
  row->updated_at = work.moment.now;
  store::save_resource(work.tx, work.context.vault, *row, work.moment.random);
  note_change(work, collection, "updated", id);
  return shown(*std::move(row));
}

Verdict<Done> remove_from(const Work& work, const Collection& collection, const Id& parent, const Id& id) {
  if (!store::delete_resource(work.tx, work.caller.account, collection.kind, parent, id))
    return refuse(ErrorCode::kNotFound);
  note_change(work, collection, "removed", id);
  return Done{};
}

Verdict<Resource> show_in(const Work& work, const Collection& collection, const Id& parent, const Id& id) {
  return found_or_not(
      store::find_resource(work.tx, work.context.vault, work.caller.account, collection.kind, parent, id));
}

Verdict<Resource> show_named(const Work& work, const Collection& collection, const Id& parent,
                             std::string_view unique_name) {
  return found_or_not(
      store::find_named(work.tx, work.context.vault, work.caller.account, collection.kind, parent, unique_name));
}

std::vector<Resource> list_in(const Work& work, const Collection& collection, const Id& parent,
                              const store::ResourceRange& range) {
  std::vector<Resource> members;
  for (auto& row :
       store::list_resources(work.tx, work.context.vault, work.caller.account, collection.kind, parent, range))
    members.push_back(shown(std::move(row)));
  return members;
}

}  // namespace countersign::usecase::verify_api
