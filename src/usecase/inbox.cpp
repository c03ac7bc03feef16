#include "usecase/inbox.h"

#include "store/repository/messages.h"
#include "usecase/outgoing.h"

namespace countersign::usecase {

namespace {

constexpr int kKeep = 500;

}  // namespace

void put_into_inbox(store::Tx& tx, const Context& context, const delivery::OutgoingMessage& message, Moment& moment) {
  // An id of its own: a message that is sent twice shows twice.
  const MessageId id = MessageId::make(moment);
  store::insert_inbox(tx, {id.id, std::string(contact::to_text(message.channel)),
                           seal_content(context.vault, id, message, moment.random), moment.now});
  store::prune_inbox(tx, kKeep);
}

std::vector<InboxMessage> list_inbox(store::Tx& tx, const Context& context, const std::optional<std::string>& to) {
  std::vector<InboxMessage> messages;
  for (const auto& row : store::list_inbox(tx, kKeep)) {
    auto content =
        std::get<delivery::OutgoingMessage>(open_content(context.vault, MessageId{row.id}, row.content_sealed));
    if (to && content.to != *to) continue;
    messages.push_back({row.channel, std::move(content.to), std::move(content.subject), std::move(content.body),
                        std::move(content.code), row.created_at});
  }
  return messages;
}

}  // namespace countersign::usecase
