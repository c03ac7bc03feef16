#include "usecase/verify/collection.h"

#include <fmt/format.h>

#include "usecase/journal.h"
#include "usecase/verify/service.h"

namespace countersign::usecase::verify {

namespace {

void note(store::Tx& tx, const Context& context, const Caller& caller, std::string_view kind, std::string_view what,
          const Id& id, Moment& moment) {
  record(tx, context, caller, fmt::format("{}.{}", kind, what), Facts().text("id", id_text("", id)), moment);
}

Verdict<store::Resource> found_or_not(std::optional<store::Resource> found) {
  if (!found) return refuse(Fault::kNotFound);
  return *std::move(found);
}

}  // namespace

Verdict<store::Resource> add_to(store::Tx& tx, const Context& context, const Caller& caller,
                                const Collection& collection, const Id& parent, std::string unique_name,
                                json::object content, Moment& moment) {
  if (store::count_resources(tx, caller.account, collection.kind, parent) >= collection.max)
    return refuse(collection.full);
  store::Resource resource{caller.account,     collection.kind, parent,     Id::make(moment), std::move(unique_name),
                           std::move(content), moment.now,      moment.now, std::nullopt};
  if (!store::insert_resource(tx, context.vault, resource, moment.random)) return refuse(collection.duplicate);
  note(tx, context, caller, collection.kind, "created", resource.id, moment);
  return resource;
}

Verdict<store::Resource> change_in(store::Tx& tx, const Context& context, const Caller& caller,
                                   const Collection& collection, const Id& parent, const Id& id,
                                   const json::object& changes, Moment& moment) {
  auto resource = show_in(tx, context, caller, collection, parent, id);
  if (!resource || changes.empty()) return resource;
  merge_into(resource->content, changes);
  resource->updated_at = moment.now;
  store::save_resource(tx, context.vault, *resource, moment.random);
  note(tx, context, caller, collection.kind, "updated", id, moment);
  return resource;
}

Verdict<Done> remove_from(store::Tx& tx, const Context& context, const Caller& caller, const Collection& collection,
                          const Id& parent, const Id& id, Moment& moment) {
  if (!store::delete_resource(tx, caller.account, collection.kind, parent, id)) return refuse(Fault::kNotFound);
  note(tx, context, caller, collection.kind, "removed", id, moment);
  return Done{};
}

Verdict<store::Resource> show_in(store::Tx& tx, const Context& context, const Caller& caller,
                                 const Collection& collection, const Id& parent, const Id& id) {
  return found_or_not(store::find_resource(tx, context.vault, caller.account, collection.kind, parent, id));
}

Verdict<store::Resource> show_named(store::Tx& tx, const Context& context, const Caller& caller,
                                    const Collection& collection, const Id& parent, std::string_view unique_name) {
  return found_or_not(store::find_named(tx, context.vault, caller.account, collection.kind, parent, unique_name));
}

}  // namespace countersign::usecase::verify
