#pragma once

#include <gtest/gtest.h>

#include <array>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "domain/transaction.h"
#include "domain/verification.h"

// The words by which tables of transitions and rule files (rules/README.md) name states and refusals.
namespace countersign::domain {

inline std::string_view word_of(TransactionError error) {
  constexpr std::array<std::string_view, 15> kWords{
      "not_held", "not_verified", "expired",       "denied",    "canceled", "released",  "claimed",    "not_claimed",
      "voided",   "still_open",   "other_purpose", "in_review", "refused",  "no_review", "same_person"};
  return kWords.at(static_cast<std::size_t>(error));
}

/// The stored state: the status, or what tells two of one status apart.
inline std::string state_word(const Transaction& tx) {
  if (tx.status == TransactionStatus::kVerified && tx.claimed_at) return "claimed";
  if (tx.end_reason == EndReason::kProofVoided) return "voided";
  if (tx.end_reason == EndReason::kUnacknowledged) return "given_up";
  if (tx.end_reason == EndReason::kRefused) return tx.review ? "refused" : "refused_for_good";
  return std::string(to_text(tx.status));
}

inline std::string outcome_word(const Result<Transaction, TransactionError>& next) {
  return next ? state_word(*next) : "!" + std::string(word_of(next.error()));
}

inline std::vector<std::string> words_of(std::string_view line) {
  std::istringstream in{std::string(line)};
  std::vector<std::string> out;
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

/// A table as people read it: the first line names the columns, the first word of each other line the row.
class WordTable {
 public:
  explicit WordTable(std::string_view text) {
    std::istringstream in{std::string(text)};
    for (std::string line; std::getline(in, line);) {
      if (auto words = words_of(line); !words.empty()) lines_.push_back(std::move(words));
    }
  }
  [[nodiscard]] std::vector<std::string> columns() const { return lines_.front(); }
  [[nodiscard]] std::vector<std::string> rows() const {
    std::vector<std::string> out;
    for (std::size_t i = 1; i < lines_.size(); ++i) out.push_back(lines_[i].front());
    return out;
  }
  [[nodiscard]] const std::string& cell(std::size_t row, std::size_t column) const {
    return lines_.at(row + 1).at(column + 1);
  }

 private:
  std::vector<std::vector<std::string>> lines_;
};

/// Asks `outcome(row, column)` for every cell, and compares. Fails where a row has more or fewer cells than columns.
template <class Outcome>
void expect_table(const WordTable& table, Outcome outcome) {
  const auto columns = table.columns();
  const auto rows = table.rows();
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t c = 0; c < columns.size(); ++c)
      EXPECT_EQ(outcome(rows[r], columns[c]), table.cell(r, c)) << "from " << rows[r] << " by " << columns[c];
    EXPECT_ANY_THROW((void)table.cell(r, columns.size())) << rows[r] << " has a cell too many";
  }
}

}  // namespace countersign::domain
