#pragma once

#include <string>
#include <string_view>

#include "store/repository/transactions.h"
#include "usecase/context.h"

namespace countersign::usecase {

/// The facts of one audit event, put together as a flat JSON object.
class Facts {
 public:
  Facts& text(std::string_view name, std::string_view value);
  Facts& number(std::string_view name, std::int64_t value);
  [[nodiscard]] std::string json() const { return text_.empty() ? "{}" : "{" + text_ + "}"; }

 private:
  void name(std::string_view name);
  std::string text_;
};

/// Writes an event about a transaction, in the database transaction that it describes. [LOG-5]
void record(store::Tx& tx, const Context& context, const Caller& caller, std::string_view type,
            const domain::Transaction& transaction, const Facts& facts, Moment& moment);

/// Two of them that happened at once, in that order.
struct Fact {
  std::string_view type;
  Facts facts;
};
void record(store::Tx& tx, const Context& context, const Caller& caller, const Fact& first, const Fact& second,
            const domain::Transaction& transaction, Moment& moment);

/// The same about a subject, outside of any transaction.
void record(store::Tx& tx, const Context& context, const Caller& caller, std::string_view type,
            const SubjectId& subject, const Facts& facts, Moment& moment);

/// The same about the account itself: its endpoints, its keys.
void record(store::Tx& tx, const Context& context, const Caller& caller, std::string_view type, const Facts& facts,
            Moment& moment);

}  // namespace countersign::usecase
