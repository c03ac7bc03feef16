#pragma once

#include "script.h"
#include "store/repository/notices.h"
#include "usecase/work_notices.h"

// What the tests of notices share: the part of the courier that brings them.
namespace countersign::testing {

inline std::vector<usecase::QueuedNotice> due_notices(House& house, int limit = 100) {
  return house
      .in([&](store::Tx& tx, Moment& moment) {
        return usecase::lease_due_notices(tx, house.context(), {limit, limit}, moment);
      })
      .jobs;
}

inline void finish(House& house, const usecase::QueuedNotice& notice,
                   Result<delivery::Accepted, delivery::ProviderError> outcome) {
  const usecase::SentNotice sent{notice, std::move(outcome), house.now()};
  house.in([&](store::Tx& tx, Moment& moment) {
    usecase::finish_notice(tx, house.context(), sent, moment);
    return Done{};
  });
}

/// Everything that is due is accepted. Answers what it was.
inline std::vector<usecase::QueuedNotice> post_all(House& house) {
  auto due = due_notices(house);
  for (const auto& notice : due) finish(house, notice, delivery::Accepted{"SM-1"});
  return due;
}

inline std::vector<std::string> recipients(const std::vector<usecase::QueuedNotice>& notices) {
  std::vector<std::string> to;
  for (const auto& notice : notices) to.push_back(notice.message.to);
  std::ranges::sort(to);
  return to;
}

inline Answer<Done> delete_contact(House& house, const ContactId& id, domain::standing::GoneWhy why) {
  return house.in([&](store::Tx& tx, Moment& moment) {
    return usecase::delete_contact(tx, house.context(), house.caller(), {std::string(kIdentity)}, id, why, moment);
  });
}

/// A person with a proved phone whose time of founding is over.
inline void known_person(House& house) {
  house.settings().accounts.at(house.account()).services.front().objection = "support: 0800 123 4567";
  verify(house);
  house.wait(hours(25));
  ASSERT_TRUE(due_notices(house).empty());
}

inline int count_events(House& house, std::string_view type) {
  int count = 0;
  for (const auto& event : house.all_events()) count += event.type == type ? 1 : 0;
  return count;
}

inline std::int64_t count_rows(House& house, const store::Sql& sql) {
  return house.in([&](store::Tx& tx, Moment&) {
    std::int64_t count = -1;
    tx.one(sql, {}, [&](const store::Row& row) { count = row.integer(0); });
    return count;
  });
}

}  // namespace countersign::testing
