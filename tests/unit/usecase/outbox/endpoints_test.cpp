#include "usecase/outbox/endpoints.h"

#include <set>

#include "crypto/webhook_signature.h"
#include "store/repository/events.h"
#include "tests/unit/usecase/script.h"

namespace countersign::testing {
namespace {

using delivery::WebhookVerdict;

/// A fixture with one endpoint.
struct Hooked {
  Fixture fixture;
  usecase::NewEndpoint made;

  Hooked() {
    unlimited(fixture);
    made = *fixture.add_endpoint();
  }

  [[nodiscard]] WebhookEndpointId id() const { return made.endpoint.id; }
  Answer<usecase::EndpointView> change(const usecase::EndpointChange& change) {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::change_endpoint({tx, fixture.context(), fixture.caller(), moment}, id(), change);
    });
  }
  usecase::EndpointView shown() {
    return *fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::show_endpoint({tx, fixture.context(), fixture.caller(), moment}, id());
    });
  }
  Answer<usecase::NewEndpoint> rotate(Duration overlap = usecase::kSecretOverlap,
                                      const std::optional<std::string>& secret = {}) {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::rotate_secret({tx, fixture.context(), fixture.caller(), moment}, id(), secret, overlap);
    });
  }
  Answer<usecase::DeliveryView> test() {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::send_test({tx, fixture.context(), fixture.caller(), moment}, id());
    });
  }
  Answer<usecase::Replayed> replay(const store::TimeRange& made_in) {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::replay_failed({tx, fixture.context(), fixture.caller(), moment}, id(), made_in);
    });
  }
  Answer<usecase::DeliveryView> retry(const DeliveryId& delivery) {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::retry_delivery({tx, fixture.context(), fixture.caller(), moment}, id(), delivery);
    });
  }
  std::vector<usecase::DeliveryView> deliveries(const store::DeliveryFilter& filter = {}) {
    return fixture
        .in([&](store::Tx& tx, Moment&) { return usecase::list_deliveries(tx, fixture.caller(), id(), filter); })
        ->views;
  }
  /// Announces something and answers what is due.
  usecase::WebhookJob due() {
    verify(fixture);
    auto jobs = fixture.due_deliveries();
    EXPECT_EQ(jobs.size(), 1U);
    return jobs.at(0);
  }
  /// Something that failed for good, and its endpoint with it.
  usecase::WebhookJob failed() {
    const auto job = due();
    fixture.finish(job, WebhookVerdict::kEndpointGone, 410);
    return job;
  }
  usecase::WebhookJob failed_and_enabled() {
    auto job = failed();
    EXPECT_EQ(why(change({.enabled = true})), kYes);
    return job;
  }
};

/// Whether the attempt, as it would be sent, is one of the endpoint whose receiver knows that secret.
bool is_signed_for(const usecase::WebhookJob& job, const SecretString& secret, WallTime now) {
  const auto seconds = to_unix_seconds(now);
  const auto signature = crypto::sign_webhook(job.attempt.id, seconds, job.attempt.body, job.attempt.secrets);
  const auto known = crypto::WebhookSecret::parse(secret.expose());
  return crypto::verify_webhook({job.attempt.id, std::to_string(seconds), signature}, job.attempt.body, {&*known, 1},
                                now)
      .has_value();
}

TEST(Endpoints, OneAddressHasOneEndpoint) {
  Hooked hooked;
  auto& fixture = hooked.fixture;
  EXPECT_EQ(why(fixture.add_endpoint()), Code::kEndpointExists);
  EXPECT_EQ(why(fixture.add_endpoint("https://SHOP.example.com:443/hooks")), Code::kEndpointExists);
  EXPECT_EQ(why(fixture.add_endpoint("https://shop.example.com/hooks/2")), kYes);
  EXPECT_EQ(why(hooked.change({.url = "https://shop.example.com/hooks/2"})), Code::kEndpointExists);
  EXPECT_EQ(why(hooked.change({.url = "https://Shop.example.com/hooks"})), kYes);  // Its own, written otherwise.
  // Another account may have the same.
  fixture.caller().account = AccountId{Id::floor_of(fixture.now())};
  EXPECT_EQ(why(fixture.add_endpoint()), kYes);
}

TEST(Endpoints, AnAddressThatCannotBeCalledIsRefused) {
  Hooked hooked;
  for (const std::string url :
       {"https://[::1/h", "https://ex\xC3\xA4mple.com", "https://10.0.0.1/", "http://a.example.com/"}) {
    EXPECT_EQ(why(hooked.fixture.add_endpoint(url)), Code::kInvalidField) << url;
    EXPECT_EQ(why(hooked.change({.url = url})), Code::kInvalidField) << url;
  }
  EXPECT_EQ(hooked.shown().url, "https://shop.example.com/hooks");
}

TEST(Endpoints, AreChangedInPlace) {
  Hooked hooked;
  ASSERT_EQ(why(hooked.change({.url = "https://shop.example.com/new"})), kYes);
  EXPECT_EQ(hooked.due().attempt.url, "https://shop.example.com/new");
  ASSERT_EQ(why(hooked.change({.events = std::vector<std::string>{"transaction.denied"}})), kYes);
  verify(hooked.fixture);
  EXPECT_TRUE(hooked.fixture.due_deliveries().empty());
  EXPECT_EQ(hooked.shown().url, "https://shop.example.com/new");
  EXPECT_EQ(hooked.shown().events, "transaction.denied");
  EXPECT_EQ(why(hooked.change({.events = std::vector<std::string>{}})), Code::kInvalidField);
  EXPECT_EQ(why(hooked.change({.events = std::vector<std::string>{"transaction.nonsense"}})), Code::kInvalidField);
  EXPECT_EQ(hooked.shown().events, "transaction.denied");
}

TEST(Endpoints, AreDisabledAndEnabled) {
  Hooked hooked;
  auto& fixture = hooked.fixture;
  verify(fixture);  // Queued, and not sent yet.
  ASSERT_EQ(why(hooked.change({.enabled = false})), kYes);
  EXPECT_FALSE(hooked.shown().enabled);
  EXPECT_TRUE(hooked.shown().disabled_reason);
  EXPECT_EQ(fixture.all_events().back().type, "webhook_endpoint.disabled");
  EXPECT_TRUE(fixture.due_deliveries().empty());
  EXPECT_EQ(hooked.deliveries().at(0).row.status, "failed");
  verify(fixture);
  EXPECT_EQ(hooked.deliveries().size(), 1U);

  ASSERT_EQ(why(hooked.change({.enabled = true})), kYes);
  EXPECT_TRUE(hooked.shown().enabled);
  EXPECT_FALSE(hooked.shown().disabled_reason);
  EXPECT_EQ(fixture.all_events().back().type, "webhook_endpoint.enabled");
  fixture.finish(hooked.due(), WebhookVerdict::kDelivered, 204);
  const auto events = fixture.all_events().size();
  ASSERT_EQ(why(hooked.change({.enabled = true})), kYes);
  EXPECT_EQ(fixture.all_events().size(), events);
}

TEST(Secrets, OldAndNewSignWhileARotationRuns) {
  Hooked hooked;
  auto& fixture = hooked.fixture;
  const auto rotated = hooked.rotate(hours(2));
  ASSERT_EQ(why(rotated), kYes);
  EXPECT_NE(rotated->secret.expose(), hooked.made.secret.expose());
  EXPECT_EQ(rotated->endpoint.previous_secret_until, fixture.now() + hours(2));
  fixture.wait(hours(2) - kTick);
  const auto during = hooked.due();
  EXPECT_TRUE(is_signed_for(during, hooked.made.secret, fixture.now()));
  EXPECT_TRUE(is_signed_for(during, rotated->secret, fixture.now()));
  EXPECT_TRUE(hooked.shown().previous_secret_until);
  fixture.finish(during, WebhookVerdict::kDelivered, 204);
  fixture.wait(kTick);
  const auto after = hooked.due();
  EXPECT_FALSE(is_signed_for(after, hooked.made.secret, fixture.now()));
  EXPECT_TRUE(is_signed_for(after, rotated->secret, fixture.now()));
  EXPECT_FALSE(hooked.shown().previous_secret_until);
}

TEST(Secrets, ASecondRotationForgetsTheFirst) {
  Hooked hooked;
  const auto second = hooked.rotate();
  const auto third = hooked.rotate();
  const auto job = hooked.due();
  EXPECT_FALSE(is_signed_for(job, hooked.made.secret, hooked.fixture.now()));
  EXPECT_TRUE(is_signed_for(job, second->secret, hooked.fixture.now()));
  EXPECT_TRUE(is_signed_for(job, third->secret, hooked.fixture.now()));
}

TEST(Secrets, WithoutOverlapTheOldOneEndsAtOnce) {
  Hooked hooked;
  const auto rotated = hooked.rotate(Duration::zero());
  EXPECT_FALSE(rotated->endpoint.previous_secret_until);
  EXPECT_FALSE(is_signed_for(hooked.due(), hooked.made.secret, hooked.fixture.now()));
}

TEST(Secrets, OfTheReceiversOwnMaking) {
  Hooked hooked;
  SeededRandom random(7);
  const auto mine = std::string(crypto::WebhookSecret::make(random).text().expose());
  ASSERT_EQ(why(hooked.rotate(hours(1), mine)), kYes);
  EXPECT_TRUE(is_signed_for(hooked.due(), SecretString(mine), hooked.fixture.now()));
  EXPECT_EQ(why(hooked.rotate(hours(1), mine)), Code::kInvalidField) << "no rotation";
  EXPECT_EQ(why(hooked.rotate(hours(1), "whsec_short")), Code::kInvalidField);
  EXPECT_EQ(why(hooked.rotate(usecase::kSecretOverlapMax + seconds(1))), Code::kInvalidField);
}

TEST(TestEvents, GoOnceWhereverTheyAreAskedFor) {
  Hooked hooked;
  auto& fixture = hooked.fixture;
  ASSERT_EQ(why(hooked.change({.events = std::vector<std::string>{"transaction.denied"}, .enabled = false})), kYes);
  const auto queued = hooked.test();
  ASSERT_EQ(why(queued), kYes);
  const auto due = fixture.due_deliveries();
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].attempt.id, queued->row.id.text());
  EXPECT_TRUE(is_signed_for(due[0], hooked.made.secret, fixture.now()));
  const auto body = parse_json(due[0].attempt.body);
  EXPECT_EQ(json_text(body->get_object(), "type"), "webhook_endpoint.test");
  fixture.finish(due[0], WebhookVerdict::kRetry, 500);
  EXPECT_EQ(hooked.deliveries().at(0).row.status, "failed");
  fixture.wait(hours(1000));
  EXPECT_TRUE(fixture.due_deliveries().empty());
}

TEST(TestEvents, DisableNothing) {
  Hooked hooked;
  ASSERT_EQ(why(hooked.test()), kYes);
  for (const auto& job : hooked.fixture.due_deliveries())
    hooked.fixture.finish(job, WebhookVerdict::kEndpointGone, 410);
  EXPECT_TRUE(hooked.shown().enabled);
  EXPECT_EQ(hooked.deliveries().at(0).attempts.at(0).http_status, 410);
}

TEST(Replay, AllThatFailedSince) {
  Hooked hooked;
  auto& fixture = hooked.fixture;
  const auto old = hooked.failed_and_enabled();
  fixture.wait(seconds(1));
  const auto since = fixture.now();
  const auto first = hooked.failed_and_enabled();
  fixture.wait(seconds(1));
  fixture.finish(hooked.due(), WebhookVerdict::kDelivered, 204);
  const auto second = hooked.failed_and_enabled();
  fixture.wait(seconds(1));
  const auto replayed = hooked.replay({.since = since});
  ASSERT_EQ(why(replayed), kYes);
  EXPECT_EQ(replayed->queued, 2);
  EXPECT_FALSE(replayed->more);
  std::set<std::string> ids;
  for (const auto& job : fixture.due_deliveries()) {
    ids.insert(job.attempt.id);
    fixture.finish(job, WebhookVerdict::kDelivered, 200);
  }
  EXPECT_EQ(ids, (std::set<std::string>{first.attempt.id, second.attempt.id}));
  EXPECT_EQ(hooked.replay({.since = since})->queued, 0);
  EXPECT_EQ(hooked.replay({.since = since - hours(1), .until = since})->queued, 1);
  EXPECT_EQ(fixture.due_deliveries().at(0).attempt.id, old.attempt.id);
}

TEST(Replay, BeginsTheScheduleAnew) {
  for (const bool by_hand : {false, true}) {
    Hooked hooked;
    auto& fixture = hooked.fixture;
    auto job = hooked.due();
    while (hooked.shown().enabled) {
      fixture.finish(job, WebhookVerdict::kRetry, 500);
      fixture.wait(hours(30));
      static_cast<void>(fixture.due_deliveries());
    }
    EXPECT_EQ(hooked.deliveries().at(0).attempts.size(), 14U);
    ASSERT_EQ(why(hooked.change({.enabled = true})), kYes);
    if (by_hand) {
      ASSERT_EQ(why(hooked.retry(job.row.id)), kYes);
    } else {
      ASSERT_EQ(hooked.replay({.since = fixture.now() - hours(24 * 365)})->queued, 1);
    }
    ASSERT_EQ(fixture.due_deliveries().size(), 1U);
    fixture.finish(job, WebhookVerdict::kRetry, 500);
    EXPECT_TRUE(hooked.shown().enabled);
    EXPECT_EQ(hooked.deliveries().at(0).row.status, "pending");
    fixture.wait(seconds(6));
    EXPECT_EQ(fixture.due_deliveries().size(), 1U);
    fixture.finish(job, WebhookVerdict::kDelivered, 200);
    EXPECT_EQ(hooked.deliveries().at(0).attempts.size(), 16U);
  }
}

TEST(Replay, NotWhileTheEndpointIsDisabled) {
  Hooked hooked;
  const auto job = hooked.failed();
  EXPECT_EQ(why(hooked.replay({.since = hooked.fixture.now() - hours(1)})), Code::kEndpointDisabled);
  EXPECT_EQ(why(hooked.retry(job.row.id)), Code::kEndpointDisabled);
  EXPECT_EQ(hooked.deliveries().at(0).row.status, "failed");
}

TEST(DeliveryLog, ByStatusTypeTimeAndTransaction) {
  Hooked hooked;
  auto& fixture = hooked.fixture;
  fixture.finish(hooked.due(), WebhookVerdict::kDelivered, 204);
  const auto delivered = fixture.current();
  fixture.wait(seconds(1));
  const auto later = fixture.now();
  const auto failed = hooked.failed_and_enabled();
  fixture.wait(seconds(1));
  fixture.hold();
  ASSERT_EQ(why(fixture.deny()), kYes);
  const auto of = [&](const store::DeliveryFilter& filter) {
    std::vector<std::string> seen;
    for (const auto& view : hooked.deliveries(filter)) seen.push_back(view.row.event_type + " " + view.row.status);
    return seen;
  };
  using Seen = std::vector<std::string>;
  EXPECT_EQ(of({}),
            (Seen{"transaction.denied pending", "transaction.verified failed", "transaction.verified delivered"}));
  EXPECT_EQ(of({.status = store::DeliveryStatus::kFailed}), Seen{"transaction.verified failed"});
  EXPECT_EQ(of({.event_type = "transaction.denied"}), Seen{"transaction.denied pending"});
  EXPECT_EQ(of({.transaction = delivered}), Seen{"transaction.verified delivered"});
  EXPECT_EQ(of({.made = {.since = later}}), (Seen{"transaction.denied pending", "transaction.verified failed"}));
  EXPECT_EQ(of({.made = {.until = later}}), Seen{"transaction.verified delivered"});
  EXPECT_EQ(of({.event_type = "transaction.verified", .before = failed.row.id}),
            Seen{"transaction.verified delivered"});
}

TEST(DeliveryLog, AFilterThatFindsLittleGoesOnPageByPage) {
  Hooked hooked;
  auto& fixture = hooked.fixture;
  const auto first = hooked.failed_and_enabled();
  fixture.wait(seconds(1));
  for (int i = 0; i < 2100; ++i) ASSERT_EQ(why(hooked.test()), kYes);
  store::DeliveryFilter filter{.status = store::DeliveryStatus::kFailed};
  const auto page = [&] {
    return *fixture.in(
        [&](store::Tx& tx, Moment&) { return usecase::list_deliveries(tx, fixture.caller(), hooked.id(), filter); });
  };
  const auto empty = page();
  EXPECT_TRUE(empty.views.empty());
  ASSERT_TRUE(empty.next);
  filter.before = empty.next;
  const auto found = page();
  ASSERT_EQ(found.views.size(), 1U);
  EXPECT_EQ(found.views[0].row.id, first.row.id);
  EXPECT_FALSE(found.next);
}

TEST(EventLog, ByTypeAndTime) {
  Fixture fixture;
  unlimited(fixture);
  fixture.hold();
  fixture.wait(seconds(1));
  const auto later = fixture.now();
  fixture.hold();
  ASSERT_EQ(why(fixture.cancel()), kYes);
  const auto of = [&](store::EventFilter filter) {
    return fixture.in([&](store::Tx& tx, Moment&) { return store::list_events(tx, fixture.account(), filter); });
  };
  EXPECT_EQ(of({.type = "transaction.held"}).rows.size(), 2U);
  EXPECT_EQ(of({.type = "transaction.canceled"}).rows.size(), 1U);
  EXPECT_EQ(of({.type = "transaction.hel"}).rows.size(), 0U);
  EXPECT_EQ(of({.type = "transaction.held", .made = {.since = later}}).rows.size(), 1U);
  for (const auto& event : of({.made = {.until = later}}).rows) EXPECT_LT(event.created_at, later);
  EXPECT_EQ(of({.transaction = fixture.current(), .type = "transaction.held"}).rows.size(), 1U);
}

TEST(EventLog, ATypeThatIsRareIsFoundPageByPageAndNoneIsLost) {
  Fixture fixture;
  unlimited(fixture);
  for (int i = 0; i < 5200; ++i) fixture.hold();
  ASSERT_EQ(why(fixture.cancel()), kYes);
  store::EventFilter filter{.type = "transaction.canceled"};
  std::size_t found = 0;
  int pages = 0;
  do {
    const auto page =
        fixture.in([&](store::Tx& tx, Moment&) { return store::list_events(tx, fixture.account(), filter); });
    found += page.rows.size();
    filter.after = page.next;
    ++pages;
  } while (filter.after);
  EXPECT_EQ(found, 1U);
  EXPECT_GT(pages, 1);
  std::size_t all = 0;
  filter = {.type = "transaction.held", .limit = 200};
  do {
    const auto page =
        fixture.in([&](store::Tx& tx, Moment&) { return store::list_events(tx, fixture.account(), filter); });
    all += page.rows.size();
    filter.after = page.next;
  } while (filter.after);
  EXPECT_EQ(all, 5200U);
}

}  // namespace
}  // namespace countersign::testing
