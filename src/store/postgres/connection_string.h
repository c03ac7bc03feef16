#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace countersign::store {

/// The address of a PostgreSQL: `postgresql://user:password@host1:5432,host2:5432/database?sslmode=…`, or libpq's own
/// `host=… dbname=…`. Accepts every parameter of libpq.
///
/// Differences from libpq's defaults:
/// - Remote hosts need TLS with a verified certificate (`sslmode=verify-full`), unless the string names another mode.
/// `allow` and `prefer` are refused for them, since an attacker in between can downgrade these to plain text. Without
/// `sslrootcert`, the system's authorities are used.
/// - `target_session_attrs=read-write`: of several hosts, the one that accepts writes.
/// - Without a host, the socket in /var/run/postgresql. `service` is refused, because it would hide the host.
class ConnectionString {
 public:
  /// Parses and completes a string. The error is one sentence without secrets.
  [[nodiscard]] static Result<ConnectionString, std::string> parse(const SecretString& text);

  struct Parameter {
    std::string keyword;
    SecretString value;
  };
  [[nodiscard]] const std::vector<Parameter>& parameters() const { return parameters_; }

  /// For people: only hosts, database, user and the kind of TLS: `PostgreSQL db.internal/countersign as app (TLS,
  /// verify-full)`.
  [[nodiscard]] std::string description() const;

  /// Whether every host is this machine, so that no network is involved.
  [[nodiscard]] bool is_local() const;

 private:
  [[nodiscard]] std::string value_of(std::string_view keyword) const;
  void set(std::string_view keyword, std::string value);
  void set_default(std::string_view keyword, std::string value);

  std::vector<Parameter> parameters_;
};

}  // namespace countersign::store
