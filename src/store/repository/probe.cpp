#include "store/repository/probe.h"

#include <string>

namespace countersign::store {

void write_probe(Tx& tx, WallTime now) {
  static constexpr Sql kProbe{R"sql(
      INSERT INTO key_checks (key_name, check_value)
      VALUES ('probe', :check_value)
      ON CONFLICT (key_name) DO UPDATE
      SET check_value = :check_value
  )sql"};
  tx.exec(kProbe, {std::to_string(to_micros(now))});
}

}  // namespace countersign::store
