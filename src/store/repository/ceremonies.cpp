#include "store/repository/ceremonies.h"

#include "store/error.h"
#include "store/repository/packed_text.h"

namespace countersign::store {

namespace {

// content := version, open challenges, signed proofs, given, wrong; and if there were any, prompts, prompted; and if
//            there were any, device proofs
//    version          one byte, 1
//    open challenges  number of them, and of each: salt, until, from
//    signed proofs    number of them, and of each: source, RP ID, salt, client data, authenticator data, signature,
//                     public key
//    given, wrong     numbers
//    prompts          number of them, and of each: id, status, wrong numbers, until, salt, asker, number of devices,
//                     and each
//    prompted         a number
//    device proofs    number of them, and of each: source, salt, text, signature, public key
//
// number := as in packed_number.h
// until  := number: microseconds since the epoch
// others := texts, as in packed_text.h
constexpr std::string_view kCeremoniesVersion = "\x01";
constexpr std::string_view kCeremoniesUnreadable = "unreadable ceremonies in a transaction";

void append_prompt(std::string& content, const OpenPrompt& prompt) {
  append_packed_text(content, prompt.id);
  append_packed_number(content, static_cast<std::uint64_t>(prompt.state.status));
  append_packed_number(content, static_cast<std::uint64_t>(prompt.state.wrong));
  append_packed_number(content, static_cast<std::uint64_t>(to_micros(prompt.state.until)));
  for (const auto* part : {&prompt.salt, &prompt.asker}) append_packed_text(content, *part);
  append_packed_number(content, prompt.devices.size());
  for (const auto& device : prompt.devices) append_packed_text(content, device.bytes());
}

OpenPrompt read_prompt(PackedReader& reader) {
  OpenPrompt prompt;
  prompt.id = reader.text();
  const auto status = reader.number();
  if (status >= static_cast<std::uint64_t>(domain::PromptStatus::kExpired)) reader.refuse();
  prompt.state.status = static_cast<domain::PromptStatus>(status);
  prompt.state.wrong = static_cast<std::int64_t>(reader.number());
  prompt.state.until = from_micros(static_cast<std::int64_t>(reader.number()));
  for (auto* part : {&prompt.salt, &prompt.asker}) *part = reader.text();
  for (auto left = reader.number(); left > 0; --left) {
    const auto device = Id::from_bytes(reader.text());
    if (!device) reader.refuse();
    prompt.devices.push_back(*device);
  }
  return prompt;
}

void append_device_proof(std::string& content, const DeviceProof& proof) {
  append_packed_text(content, proof.source.bytes());
  for (const auto* part : {&proof.salt, &proof.text, &proof.signature, &proof.public_key})
    append_packed_text(content, *part);
}

DeviceProof read_device_proof(PackedReader& reader) {
  const auto source = Id::from_bytes(reader.text());
  if (!source) reader.refuse();
  return {*source, reader.text(), reader.text(), reader.text(), reader.text()};
}

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
  if (!reader.at_end()) {
    for (auto left = reader.number(); left > 0; --left) all.prompts.push_back(read_prompt(reader));
    all.prompted = reader.number();
  }
  if (!reader.at_end()) {
    for (auto left = reader.number(); left > 0; --left) all.device_proofs.push_back(read_device_proof(reader));
  }
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
  const auto& proofs = ceremonies.device_proofs;
  if (ceremonies.prompted > 0 || !proofs.empty()) {
    append_packed_number(content, ceremonies.prompts.size());
    for (const auto& prompt : ceremonies.prompts) append_prompt(content, prompt);
    append_packed_number(content, ceremonies.prompted);
  }
  if (!proofs.empty()) {
    append_packed_number(content, proofs.size());
    for (const auto& proof : proofs) append_device_proof(content, proof);
  }
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
