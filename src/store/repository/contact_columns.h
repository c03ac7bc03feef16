#pragma once

#include <vector>

#include "store/repository/contacts.h"
#include "store/row.h"
#include "store/sql.h"

namespace countersign::store {

// For the repository: `contacts c` with the guards of its line.

constexpr Columns kContact{R"sql(
    c.id, c.subject_id, c.address_id, c.channel, c.address_sealed, c.known_since, c.service_id, c.proved_at,
    c.sends_start, c.sends_count, c.subject_sends_start, c.subject_sends_count
)sql"};

/// What is known of an address: the guard of a subject there, and that of strangers (`line_guards own` and
/// `strangers`), and what is in the way to it (`addresses a`).
constexpr Columns kLineGuards{R"sql(
    own.in_row AS own_in_row, own.locked_until AS own_locked_until, own.year_start AS own_year_start,
    own.year_count AS own_year_count, own.slow_send_at AS own_slow_send_at,
    strangers.in_row AS strangers_in_row, strangers.locked_until AS strangers_locked_until,
    strangers.year_start AS strangers_year_start, strangers.year_count AS strangers_year_count,
    strangers.slow_send_at AS strangers_slow_send_at, a.obstacles
)sql"};

/// What kLineGuards needs beside `contacts c`.
constexpr Token kContactGuards{"guards_of_contact", R"sql(
      LEFT JOIN addresses a ON a.account_id = c.account_id AND a.id = c.address_id
      LEFT JOIN line_guards own
        ON own.account_id = c.account_id AND own.address_id = c.address_id AND own.subject_id = c.subject_id
      LEFT JOIN line_guards strangers
        ON strangers.account_id = c.account_id AND strangers.address_id = c.address_id
        AND strangers.subject_id = {{no_id}}
)sql"};

/// `from`: where kContact begins in the statement; kLineGuards follows it.
[[nodiscard]] ContactRow read_contact(const Row& row, int from = 0);

/// All contacts of a subject, the newest first, and what each says of the others: what the database would need a query
/// in the query, and a table to sort in, for.
void put_all_in_order(std::vector<ContactRow>& contacts);

}  // namespace countersign::store
