#include "support/kept_database.h"

#include <libpq-fe.h>
#include <unistd.h>

#include <mutex>
#include <stdexcept>
#include <vector>

#include "base/check.h"
#include "store/migrations/migrations.h"
#include "store/postgres/postgres_store.h"
#include "support/fake_time.h"
#include "support/patient_options.h"
#include "support/postgres_cluster.h"

namespace countersign::testing {

namespace {

/// Emptied by DELETE, which costs a tenth of TRUNCATE where there are few rows. Foreign keys are not looked at. Rows
/// that the steps of the schema made are put back.
constexpr const char* kFurnish = R"sql(
  SET session_replication_role = replica;
  SET lock_timeout = '300s';
  CREATE SCHEMA kept;
  CREATE VIEW kept.tables AS
    SELECT relname AS name
    FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'schema_migrations';
  DO $$
    DECLARE
      one record;
      filled boolean;
    BEGIN
      FOR one IN SELECT name FROM kept.tables LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', one.name) INTO filled;
        IF filled THEN EXECUTE format('CREATE TABLE kept.%1$I AS TABLE public.%1$I', one.name); END IF;
      END LOOP;
    END
  $$;
  CREATE FUNCTION kept.empty() RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
      one record;
      gone bigint;
    BEGIN
      FOR one IN SELECT name FROM kept.tables LOOP
        EXECUTE format('DELETE FROM public.%I', one.name);
        GET DIAGNOSTICS gone = ROW_COUNT;
        IF gone > 200 THEN EXECUTE format('TRUNCATE public.%I CASCADE', one.name); END IF;
      END LOOP;
      FOR one IN SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'kept'::regnamespace LOOP
        EXECUTE format('INSERT INTO public.%1$I SELECT * FROM kept.%1$I', one.name);
      END LOOP;
    END
  $$;
  CREATE FUNCTION kept.shape() RETURNS text LANGUAGE sql AS $$
    SELECT md5(
      (SELECT string_agg(concat(relname, ' ', attname, ' ', atttypid, ' ', attnotnull), ',' ORDER BY relname, attnum)
       FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
       WHERE relnamespace = 'public'::regnamespace)
      || (SELECT string_agg(step::text, ',' ORDER BY number) FROM public.schema_migrations AS step))
  $$;
)sql";

}  // namespace

struct KeptDatabase::Kept {
  explicit Kept(std::string its_url) : url(std::move(its_url)), connection(PQconnectdb(url.c_str()), PQfinish) {}

  /// The first value of the last statement's first row.
  std::string run(const char* sql) const {
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql), PQclear);
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
      throw std::runtime_error(PQerrorMessage(connection.get()));
    return PQntuples(result.get()) == 0 ? std::string() : std::string(PQgetvalue(result.get(), 0, 0));
  }

  std::string url;
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection;
  std::string shape;
};

/// What nobody holds, of one process: the child of a death test has the parent's connections, which are not its own.
struct KeptDatabase::Shelf {
  std::mutex mutex;
  pid_t owner = ::getpid();
  std::vector<std::unique_ptr<Kept>> free;
};

KeptDatabase::Shelf& KeptDatabase::shelf() {
  static Shelf shelf;
  return shelf;
}

std::unique_ptr<KeptDatabase::Kept> KeptDatabase::make() {
  std::string url = PostgresCluster::shared().new_database();
  {
    const auto opened = store::open_postgres(patient_options(url));
    CS_CHECK(opened.has_value());
    CS_CHECK(store::migrate(**opened, store::all_migrations(), FakeClock().now()).has_value());
  }
  auto made = std::make_unique<Kept>(std::move(url));
  made->run(kFurnish);
  made->shape = made->run("SELECT kept.shape()");
  return made;
}

KeptDatabase::KeptDatabase() {
  PostgresCluster::shared();  // Ends after the shelf.
  auto& all = shelf();
  const std::lock_guard lock(all.mutex);
  if (all.owner != ::getpid()) {
    for (auto& kept : all.free) static_cast<void>(kept.release());  // Its connection is the parent's to end.
    all.free.clear();
    all.owner = ::getpid();
  }
  while (!all.free.empty() && !kept_) {
    kept_ = std::move(all.free.back());
    all.free.pop_back();
    if (kept_->run("SELECT kept.shape()") == kept_->shape) {
      kept_->run("SELECT kept.empty()");
    } else {
      kept_.reset();
    }
  }
  if (!kept_) kept_ = make();
}

KeptDatabase::~KeptDatabase() {
  auto& all = shelf();
  const std::lock_guard lock(all.mutex);
  all.free.push_back(std::move(kept_));
}

const std::string& KeptDatabase::url() const { return kept_->url; }

}  // namespace countersign::testing
