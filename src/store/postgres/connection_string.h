#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace countersign::store {

/// Where a PostgreSQL is and how it is reached: `postgresql://user:password@host1:5432,host2:5432/database?sslmode=…`,
/// or libpq's own `host=… dbname=…`. Every parameter of libpq's documentation may stand in it.
///
/// What differs from libpq's defaults:
/// - A host that is not this machine is spoken to by TLS with a verified certificate (`sslmode=verify-full`), unless
///   the string names another mode. `allow` and `prefer` are refused for it: they promise nothing, since whoever stands
///   between turns them into plain text. Without `sslrootcert`, the machine's own list of authorities is used.
/// - `target_session_attrs=read-write`: of several hosts, the one that takes writes.
/// - Without a host, the socket in /var/run/postgresql. `service` is refused, because it would hide the host.
class ConnectionString {
 public:
  /// Reads and completes a string. The error is one sentence, without a secret in it.
  [[nodiscard]] static Result<ConnectionString, std::string> parse(const SecretString& text);

  struct Parameter {
    std::string keyword;
    SecretString value;
  };
  [[nodiscard]] const std::vector<Parameter>& parameters() const { return parameters_; }

  /// For people: hosts, database, user and the kind of TLS, nothing else: `PostgreSQL db.internal/countersign as app
  /// (TLS, verify-full)`.
  [[nodiscard]] std::string description() const;

  /// Whether every host is this machine, so that no network lies between.
  [[nodiscard]] bool is_local() const;

 private:
  [[nodiscard]] std::string value_of(std::string_view keyword) const;
  void set(std::string_view keyword, std::string value);
  void set_default(std::string_view keyword, std::string value);

  std::vector<Parameter> parameters_;
};

}  // namespace countersign::store
