#include "store/repository/ceremonies.h"

#include "store/error.h"
#include "store/repository/packed_text.h"

namespace countersign::store {

namespace {

// content := version, open challenges, signed proofs, given, wrong
//    version          one byte, 1
//    open challenges  number of them, and of each: salt, until, from
//    signed proofs    number of them, and of each: source, RP ID, salt, client data, authenticator data, signature,
//                     public key
//    given, wrong     numbers
//
// number := as in packed_number.h
// until  := number: microseconds since the epoch
// others := texts, as in packed_text.h
constexpr std::string_view kCeremoniesVersion = "\x01";
constexpr std::string_view kCeremoniesUnreadable = "unreadable ceremonies in a transaction";

}  // namespace

Ceremonies open_ceremonies(const Vault& vault, const TransactionRow& row) {
  return open_ceremonies(vault, row.state.id, row.ceremonies_sealed);
}

Ceremonies open_ceremonies(const Vault& vault, const TransactionId& id, const std::optional<std::string>& sealed) {
  Ceremonies all;
  if (!sealed) return all;
  const auto content = vault.open(*sealed, "transactions", id.bytes(), "ceremonies");
  PackedReader reader(content.expose(), kCeremoniesUnreadable);
  if (reader.bytes(1) != kCeremoniesVersion) reader.refuse();
  for (auto left = reader.number(); left > 0; --left) {
    std::string salt = reader.text();
    const WallTime until = from_micros(static_cast<std::int64_t>(reader.number()));
    all.open.push_back({std::move(salt), until, reader.text()});
  }
  for (auto left = reader.number(); left > 0; --left) {
    const auto source = Id::from_bytes(reader.text());
    if (!source) reader.refuse();
    SignedProof proof{*source,       reader.text(), reader.text(), reader.text(),
                      reader.text(), reader.text(), reader.text()};
    all.proofs.push_back(std::move(proof));
  }
  all.given = reader.number();
  all.wrong = reader.number();
  reader.finish();
  return all;
}

void put_ceremonies(const Vault& vault, TransactionRow& row, const Ceremonies& ceremonies, Random& random) {
  std::string content(kCeremoniesVersion);
  append_packed_number(content, ceremonies.open.size());
  for (const auto& open : ceremonies.open) {
    append_packed_text(content, open.salt);
    append_packed_number(content, static_cast<std::uint64_t>(to_micros(open.until)));
    append_packed_text(content, open.from);
  }
  append_packed_number(content, ceremonies.proofs.size());
  for (const auto& proof : ceremonies.proofs) {
    append_packed_text(content, proof.source.bytes());
    for (const auto* part : {&proof.rp_id, &proof.salt, &proof.client_data, &proof.authenticator_data, &proof.signature,
                             &proof.public_key})
      append_packed_text(content, *part);
  }
  append_packed_number(content, ceremonies.given);
  append_packed_number(content, ceremonies.wrong);
  row.ceremonies_sealed = vault.seal(content, "transactions", row.state.id.bytes(), "ceremonies", random);
}

void save_ceremonies(Tx& tx, const TransactionRow& row) {
  static constexpr Sql kSave{R"sql(
      UPDATE transactions
      SET ceremonies_sealed = :ceremonies_sealed
      WHERE account_id = :account_id AND id = :id
  )sql"};
  tx.put(kSave, {{"ceremonies_sealed", optional_blob(row.ceremonies_sealed)},
                 {"account_id", row.state.account},
                 {"id", row.state.id}});
}

}  // namespace countersign::store
