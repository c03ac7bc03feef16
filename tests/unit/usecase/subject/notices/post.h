#pragma once

#include "store/repository/notices.h"
#include "tests/unit/usecase/script.h"
#include "usecase/outbox/work_notices.h"

// What the tests of notices share: the part of the courier that brings them.
namespace countersign::testing {

inline std::vector<usecase::QueuedNotice> due_notices(Fixture& fixture, int limit = 100) {
  return fixture
      .in([&](store::Tx& tx, Moment& moment) {
        return usecase::lease_due_notices(tx, fixture.context(), {limit, limit}, moment);
      })
      .jobs;
}

inline void finish(Fixture& fixture, const usecase::QueuedNotice& notice,
                   Result<delivery::Accepted, delivery::ProviderError> outcome) {
  const usecase::SentNotice sent{notice, std::move(outcome), fixture.now()};
  fixture.in([&](store::Tx& tx, Moment& moment) {
    usecase::finish_notice(tx, fixture.context(), sent, moment);
    return Done{};
  });
}

/// Everything that is due is accepted. Answers what it was.
inline std::vector<usecase::QueuedNotice> post_all(Fixture& fixture) {
  auto due = due_notices(fixture);
  for (const auto& notice : due) finish(fixture, notice, delivery::Accepted{"SM-1"});
  return due;
}

inline std::vector<std::string> recipients(const std::vector<usecase::QueuedNotice>& notices) {
  std::vector<std::string> to;
  for (const auto& notice : notices) to.push_back(notice.message.to);
  std::ranges::sort(to);
  return to;
}

inline Answer<Done> delete_contact(Fixture& fixture, const ContactId& id, domain::standing::GoneWhy why) {
  return fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::delete_contact({tx, fixture.context(), fixture.caller(), moment}, {std::string(kIdentity)}, id,
                                   why);
  });
}

/// A person with a proved phone whose time of founding is over.
inline void known_person(Fixture& fixture) {
  fixture.settings().accounts.at(fixture.account()).services.front().objection = "support: 0800 123 4567";
  verify(fixture);
  fixture.wait(hours(25));
  ASSERT_TRUE(due_notices(fixture).empty());
}

inline int count_events(Fixture& fixture, std::string_view type) {
  int count = 0;
  for (const auto& event : fixture.all_events()) count += event.type == type ? 1 : 0;
  return count;
}

inline std::int64_t count_rows(Fixture& fixture, const store::Sql& sql) {
  return fixture.in([&](store::Tx& tx, Moment&) {
    std::int64_t count = -1;
    tx.one(sql, {}, [&](const store::Row& row) { count = row.integer(0); });
    return count;
  });
}

}  // namespace countersign::testing
