#pragma once

#include <gtest/gtest.h>

#include <utility>

#include "tests/unit/usecase/script.h"

// What use cases ask the database, for the tests that hold it.
namespace countersign::testing {

struct Asked {
  int statements = 0;
  int waits = 0;  ///< For what comes next; the commit is one more for all that are under way.
  int rows = 0;   ///< Inserted, updated or deleted.
};

class CountingTx final : public store::Tx {
 public:
  CountingTx(store::Tx& tx, Asked& asked, store::Share share) : tx_(tx), asked_(asked), share_(share) {}

  std::int64_t exec(const store::Sql& sql, std::initializer_list<store::Param> params) override {
    note(true);
    const std::int64_t rows = tx_.exec(sql, params);
    asked_.rows += static_cast<int>(rows);
    return rows;
  }
  void put(const store::Sql& sql, std::initializer_list<store::Param> params) override {
    note(false);
    asked_.rows += static_cast<int>(tx_.exec(sql, params));
  }
  bool one(const store::Sql& sql, std::initializer_list<store::Param> params,
           FunctionRef<void(const store::Row&)> read) override {
    note(true);
    const bool any = tx_.one(sql, params, read);
    if (any && !sql.text().starts_with("SELECT")) ++asked_.rows;
    return any;
  }
  void all(const store::Sql& sql, std::initializer_list<store::Param> params,
           FunctionRef<void(const store::Row&)> read) override {
    note(true);
    tx_.all(sql, params, read);
  }
  [[nodiscard]] store::Share share() override { return share_; }
  void script(std::string_view statements) override { tx_.script(statements); }
  void abandon() override { tx_.abandon(); }
  [[nodiscard]] bool abandoned() const override { return tx_.abandoned(); }

 private:
  void note(bool waits) {
    ++asked_.statements;
    if (waits) ++asked_.waits;
  }

  store::Tx& tx_;
  Asked& asked_;
  store::Share share_;
};

/// A commit of the test's own within a unit, whose use cases share what units share.
class SharedCommit {
 public:
  SharedCommit(store::Tx& tx, Asked& asked) : tx_(tx), asked_(asked) {}
  /// For the next use case.
  CountingTx next() { return CountingTx(tx_, asked_, {&parts_, number_++}); }
  void end() {
    CountingTx tx = next();
    parts_.write(tx);
  }

 private:
  store::Tx& tx_;
  Asked& asked_;
  store::SharedParts parts_;
  store::UnitNumber number_ = 0;
};

/// The answer of `unit(tx, moment)`, which must be no refusal, and what it asked the database.
template <class Unit>
auto counted(Fixture& fixture, Asked& asked, Unit unit) {
  auto answer = fixture.in([&](store::Tx& tx, Moment& moment) {
    asked = {};
    SharedCommit commit(tx, asked);
    CountingTx counting = commit.next();
    auto said = unit(counting, moment);
    commit.end();
    return said;
  });
  EXPECT_EQ(why(answer), kYes);
  return answer;
}

inline void expect_asked(const char* what, const Asked& asked, int statements, int waits, int rows) {
  EXPECT_EQ(asked.statements, statements) << what;
  EXPECT_EQ(asked.waits, waits) << what;
  EXPECT_EQ(asked.rows, rows) << what << ", rows";
}

}  // namespace countersign::testing
