#pragma once

#include <string>
#include <string_view>

#include "store/repository/transactions.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// The facts of one audit event, as a flat JSON object.
class Facts {
 public:
  Facts& text(std::string_view name, std::string_view value);
  Facts& number(std::string_view name, std::int64_t value);
  [[nodiscard]] std::string json() const { return text_.empty() ? "{}" : "{" + text_ + "}"; }

 private:
  void name(std::string_view name);
  std::string text_;
};

/// Writes an event about a transaction, in the same database transaction as the change. [LOG-5]
void record(const Work& work, std::string_view type, const domain::Transaction& transaction, const Facts& facts);

/// An event about a subject, outside of any transaction.
void record(const Work& work, std::string_view type, const SubjectId& subject, const Facts& facts);

/// An event about the account itself: its endpoints, its keys.
void record(const Work& work, std::string_view type, const Facts& facts);

}  // namespace countersign::usecase
