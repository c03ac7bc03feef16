#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "domain/push.h"
#include "store/repository/transactions.h"
#include "store/repository/vault.h"

namespace countersign::store {

/// A challenge for a passkey that was given out and not answered yet.
struct OpenChallenge {
  std::string salt;  ///< 32 random bytes. The challenge follows from them and the row's `binding_hash`.
  WallTime until;    ///< Exclusive.
  /// Blind index of the network that it was asked from, 16 bytes; empty if that is unknown; or kSharedByAll.
  std::string from;
};
/// `from` of the one that is given to all for whom there was no room.
inline constexpr std::string_view kSharedByAll = "shared";

/// What a passkey signed: everything by which anybody can check the signature later. [TXN-2]
struct SignedProof {
  Id source;  ///< The factor.
  std::string rp_id;
  std::string salt;                ///< Of the challenge.
  std::string client_data;         ///< As received.
  std::string authenticator_data;  ///< As received.
  std::string signature;
  std::string public_key;  ///< COSE_Key.
};

/// What a device signed with its P-256 key: everything by which anybody can check the signature later. [TXN-2]
struct DeviceProof {
  Id source;               ///< The factor.
  std::string salt;        ///< Of the prompt's challenge; empty for a phone with the mobile SDKs.
  std::string text;        ///< What was signed: lines of text, or of a phone header and payload of its token.
  std::string signature;   ///< r and s, 64 bytes.
  std::string public_key;  ///< The point, 65 bytes.
};
/// For one transaction. More add nothing: they are of one kind.
inline constexpr std::size_t kDeviceProofsMax = 4;

/// A prompt to the person's devices. [PUSH-8]
struct OpenPrompt {
  std::string id;  ///< 16 random bytes.
  domain::Prompt state;
  /// 32 random bytes. What devices sign follows from them and the row's `binding_hash`; the number that the asking page
  /// shows, from them and a key of ours.
  std::string salt;
  std::string asker;        ///< Blind index of the network that it was asked from; empty if that is unknown.
  std::vector<Id> devices;  ///< Factors that were asked; only these may answer.
};
/// The newest for a transaction; older ones are forgotten, and proved nothing.
inline constexpr std::size_t kPromptsKept = 4;

/// Stands in the row of its transaction, sealed, as one value: `ceremonies_sealed`.
struct Ceremonies {
  std::vector<OpenChallenge> open;              ///< Oldest first.
  std::vector<SignedProof> proofs;              ///< Oldest first.
  std::uint64_t given = 0;                      ///< Challenges, ever.
  std::uint64_t wrong = 0;                      ///< Wrong answers, ever.
  std::vector<OpenPrompt> prompts = {};         ///< Oldest first; all but the last are over.
  std::uint64_t prompted = 0;                   ///< Prompts, ever.
  std::vector<DeviceProof> device_proofs = {};  ///< Oldest first, one for a source.
};

/// Nothing in it for a row without any. Throws StoreFailure for one that cannot be opened.
[[nodiscard]] Ceremonies open_ceremonies(const Vault& vault, const TransactionRow& row);
[[nodiscard]] Ceremonies open_ceremonies(const Vault& vault, const TransactionId& id,
                                         const std::optional<std::string>& sealed);
/// Puts them in the row. The caller writes it: save_transaction, or save_ceremonies.
void put_ceremonies(const Vault& vault, TransactionRow& row, const Ceremonies& ceremonies, Random& random);
/// Writes the row's ceremonies, and nothing else of it.
void save_ceremonies(Tx& tx, const TransactionRow& row);

}  // namespace countersign::store
