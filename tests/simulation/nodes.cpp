#include "simulation/nodes.h"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "base/check.h"
#include "simulation/request.h"
#include "simulation/trace.h"
#include "store/postgres/postgres_store.h"
#include "support/patient_options.h"
#include "support/postgres_cluster.h"

namespace countersign::simulation {

namespace {

using Break = store::BreakingProxy::Break;

constexpr auto kSocket = ".s.PGSQL.5432";
constexpr auto kPause = std::chrono::microseconds(200);
constexpr auto kLate = std::chrono::milliseconds(5);

std::unique_ptr<store::Store> opened(const std::string& url) {
  auto result = store::open_postgres(testing::patient_options(url));
  if (!result) throw std::runtime_error(fmt::format("the database does not open: {}", result.error().detail));
  return *std::move(result);
}

/// The database of `url` by another socket.
std::string by(std::string url, const std::string& folder) {
  const auto& shared = testing::PostgresCluster::shared().folder().string();
  const auto at = url.find(shared);
  CS_CHECK(at != std::string::npos);
  return url.replace(at, shared.size(), folder);
}

void add(store::StoreStats& sum, const store::StoreStats& one) {
  sum.units += one.units;
  sum.commits += one.commits;
  sum.put_off += one.put_off;
  sum.repeated_batches += one.repeated_batches;
  sum.conflicts += one.conflicts;
  sum.doubtful_commits += one.doubtful_commits;
}

}  // namespace

void leave_mark_of(store::Tx& tx, std::uint64_t request, std::uint64_t place) {
  static const store::Sql kMark{"INSERT INTO simulation_marks (request, place) VALUES (?1, ?2)"};
  const store::Beside beside(tx);  // Nobody else knows of the row.
  tx.put(kMark, {static_cast<std::int64_t>(request), static_cast<std::int64_t>(place)});
}

Nodes::Nodes(std::size_t count) : url_(testing::PostgresCluster::shared().new_database()), observer_(opened(url_)) {
  for (std::size_t i = 0; i < count; ++i)
    nodes_.push_back(std::make_unique<Node>(testing::PostgresCluster::shared().folder() / kSocket));
}

Nodes::~Nodes() {
  ender_may_go_ = true;
  if (ender_.joinable()) ender_.join();
  polls_ = false;
  if (poller_.joinable()) poller_.join();
  for (auto& node : nodes_) node->store.reset();
}

void Nodes::set_up(const usecase::Settings& settings, const store::Vault& vault) {
  const auto made = observer_->transact_now([](store::Tx& tx) {
    tx.script("CREATE TABLE simulation_marks (request BIGINT NOT NULL, place BIGINT NOT NULL)");
    return Done{};
  });
  CS_CHECK(made.has_value());
  // Some commits take as long as on a slow disk: then others are on their way at the same time.
  testing::PostgresCluster::run(url_, R"sql(
      CREATE FUNCTION slow_commit() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF random() < 0.25 THEN PERFORM pg_sleep(random() * 0.003); END IF;
        RETURN NULL;
      END $$
  )sql");
  testing::PostgresCluster::run(url_, R"sql(
      CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON event_bundles
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow_commit()
  )sql");
  std::size_t number = 0;
  for (auto& node : nodes_) {
    node->settings = settings;
    node->settings.node = fmt::format("node-{}", ++number);
    begin_process(*node, vault);
    node->store = opened(by(url_, node->proxy.folder().string()));
  }
}

void Nodes::begin_process(Node& node, const store::Vault& vault) {
  node.event_ids = std::make_unique<store::EventIds>();
  node.context = std::make_unique<usecase::Context>(usecase::Context{node.settings, vault, *node.event_ids});
  node.fraud.push_back(std::make_unique<FraudMemory>(node.settings));
  node.fraud.back()->join(*node.context);
}

void Nodes::cut_commit(std::size_t node, bool carried_out) {
  at(node).proxy.break_at("COMMIT", carried_out ? Break::kAfter : Break::kBefore);
}

void Nodes::end_at_commit(std::size_t node, bool carried_out) {
  Node& its = at(node);
  its.proxy.break_at("COMMIT", carried_out ? Break::kAfterForGood : Break::kBeforeForGood);
  ender_may_go_ = false;
  ender_ = std::thread([this, &its] {
    while (its.proxy.will_break() && !ender_may_go_) std::this_thread::sleep_for(kPause);
    its.store->stop();  // Else it would wait for its database.
  });
}

void Nodes::delay_commit(std::size_t node) {
  Node& its = at(node);
  its.proxy.break_at("COMMIT", Break::kLate);
  ender_may_go_ = false;
  ender_ = std::thread([this, &its, before = its.store->stats().doubtful_commits] {
    while (its.proxy.will_break() && !ender_may_go_) std::this_thread::sleep_for(kPause);
    if (its.proxy.will_break()) return;
    while (its.store->stats().doubtful_commits == before && !ender_may_go_) std::this_thread::sleep_for(kPause);
    std::this_thread::sleep_for(kLate);
    its.proxy.release();
  });
}

void Nodes::restart(std::size_t node) {
  Node& its = at(node);
  ender_may_go_ = true;
  if (ender_.joinable()) ender_.join();
  its.store->stop();
  add(ended_, its.store->stats());
  its.store.reset();
  its.proxy.break_at("", Break::kNever);
  its.proxy.mend();
  const store::Vault vault = its.context->vault;
  begin_process(its, vault);
  its.store = opened(by(url_, its.proxy.folder().string()));
}

void Nodes::forget_cuts() {
  ender_may_go_ = true;
  if (ender_.joinable()) ender_.join();
  for (auto& node : nodes_) node->proxy.break_at("", Break::kNever);
}

std::map<std::uint64_t, std::uint64_t> Nodes::marks() {
  static const store::Sql kAll{"SELECT request, place FROM simulation_marks"};
  static const store::Sql kForget{"DELETE FROM simulation_marks"};
  // With the turn alone: whatever shares it has ended by then.
  auto found = observer_->transact_now([](store::Tx& tx) {
    std::vector<std::pair<std::int64_t, std::int64_t>> all;
    tx.all(kAll, {}, [&](const store::Row& row) { all.emplace_back(row.integer(0), row.integer(1)); });
    tx.put(kForget, {});
    return all;
  });
  CS_CHECK(found.has_value());
  std::map<std::uint64_t, std::uint64_t> marks;
  for (const auto& [request, place] : *found) {
    const bool fresh = marks.emplace(request, place).second;
    require(fresh, Invariant::kOnce, "request {} was committed twice", request);
  }
  return marks;
}

void Nodes::begin_polling(const AccountId& account) {
  account_ = account;
  polls_ = true;
  poller_ = std::thread([this] {
    while (polls_) {
      if (poll() == 0) std::this_thread::sleep_for(kPause);
    }
  });
}

void Nodes::end_polling() {
  polls_ = false;
  poller_.join();
  while (poll() > 0) {
  }
}

std::size_t Nodes::poll() {
  store::EventFilter filter{.after = cursor_, .limit = 20};
  const auto page = observer_->read_now([&](store::Tx& tx) { return store::list_events(tx, *account_, filter); });
  CS_CHECK(page.has_value());
  for (const auto& row : page->rows) {
    polled_.insert(row.id);
    cursor_ = row.id;
  }
  return page->rows.size();
}

store::StoreStats Nodes::stats() const {
  store::StoreStats sum = ended_;
  for (const auto& node : nodes_) add(sum, node->store->stats());
  return sum;
}

}  // namespace countersign::simulation
