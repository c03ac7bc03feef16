#include "main/commands/contact_operations.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>

#include "contact/email_address.h"
#include "contact/phone_number.h"
#include "store/repository/accounts.h"
#include "store/repository/contacts.h"
#include "usecase/audit_log.h"

namespace countersign::main {

namespace {

/// The form that an address is looked up by; nullopt if it is none.
std::optional<std::string> looked_up_by(std::string_view address) {
  if (const auto mailbox = contact::EmailAddress::parse(address)) return mailbox->index_text();
  const auto number = contact::PhoneNumber::parse(address);
  return number && address.starts_with('+') ? std::optional(std::string(number->text())) : std::nullopt;
}

/// Whether something was in the way.
bool allow_in(store::Tx& tx, const AdminContext& context, const AccountId& account, std::string_view address,
              std::optional<contact::Channel> channel, Moment& moment) {
  const auto kind = address.starts_with('+') ? contact::Channel::kSms : contact::Channel::kEmail;
  const auto known = store::find_known_address(tx, context.vault, account, kind, address);
  const auto after = known ? domain::without_obstacles(known->obstacles, channel) : std::nullopt;
  if (!after) return false;
  store::save_obstacles(tx, account, known->id, *after);
  const usecase::Settings none;
  const usecase::Context about{none, context.vault, context.event_ids};
  const usecase::Caller by{account, "operator", "", std::nullopt};
  usecase::Facts facts;
  if (channel) facts.text("channel", contact::to_text(*channel));
  usecase::record({tx, about, by, moment}, "contact.reachable", facts);
  return true;
}

}  // namespace

AdminAnswer allow_contact(const AdminContext& context, const json::object& arguments) {
  const auto address = looked_up_by(json_text_or_empty(arguments, "address"));
  if (!address) return fail(std::string("the address is neither a number such as +5511987654321 nor a mailbox"));
  const auto wanted = json_text(arguments, "channel");
  const auto channel = wanted ? contact::parse_channel(*wanted) : std::nullopt;
  if (wanted && !channel) return fail(std::string("there is no such channel"));
  const auto only = json_text(arguments, "account");
  const auto done = context.store.transact_now([&](store::Tx& tx) {
    Moment moment{context.clock.now(), context.random};
    json::array accounts;
    for (const auto& [id, name] : store::account_names(tx)) {
      if ((!only || *only == name) && allow_in(tx, context, id, *address, channel, moment))
        accounts.push_back(json::value(name));
    }
    return accounts;
  });
  if (!done) return fail(done.error().detail);
  return json::object{{"accounts", *done}};
}

}  // namespace countersign::main
